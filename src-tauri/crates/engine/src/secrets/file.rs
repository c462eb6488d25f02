//! Secrets in a file that only its owner can read, for machines without a secret service.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use synodic_providers::{TokenVault, Tokens, VaultError};

use super::on_waiting_thread;

type AllTokens = BTreeMap<String, Tokens>;

/// The file, read and replaced as a whole.
pub(crate) struct SecretsFile {
    path: PathBuf,
    /// Keeps one account from replacing what another has just written.
    turn: Mutex<()>,
}

impl SecretsFile {
    /// `secrets.json` in the data folder; it is made with the first secret.
    pub(super) fn in_folder(data_dir: &Path) -> Self {
        Self { path: data_dir.join("secrets.json"), turn: Mutex::default() }
    }

    fn load(&self, name: &str) -> Result<Option<Tokens>, VaultError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.read()?.remove(name))
    }

    fn store(&self, name: String, tokens: Tokens) -> Result<(), VaultError> {
        self.change(|all| {
            all.insert(name, tokens);
        })
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.change(|all| {
            all.remove(name);
        })
    }

    fn change(&self, change: impl FnOnce(&mut AllTokens)) -> Result<(), VaultError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.read()?;
        change(&mut all);
        self.replace(&all).map_err(|error| self.error("written", &error.to_string()))
    }

    fn read(&self) -> Result<AllTokens, VaultError> {
        match fs::read(&self.path) {
            // What serde says could quote a secret, so it is left out.
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|_| self.error("read", "it is damaged; move it away and sign in again")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(AllTokens::new()),
            Err(error) => Err(self.error("read", &error.to_string())),
        }
    }

    /// Writes beside the file and renames, so that a crash leaves the old or the new secrets, never half of them.
    fn replace(&self, all: &AllTokens) -> io::Result<()> {
        let beside = self.path.with_extension("json.new");
        // A left-over of a crash may have been given other permissions since.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create_private(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(all)?)?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        sync_folder_of(&self.path)
    }

    fn error(&self, done: &str, why: &str) -> VaultError {
        VaultError { reason: format!("{} cannot be {done}: {why}", self.path.display()) }
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the rename itself durable. Only Unix can open a folder for that.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// One account's tokens in the file.
pub(super) struct FileVault {
    file: Arc<SecretsFile>,
    name: String,
}

impl FileVault {
    pub(super) fn new(file: Arc<SecretsFile>, name: String) -> Self {
        Self { file, name }
    }
}

#[async_trait]
impl TokenVault for FileVault {
    async fn load(&self) -> Result<Option<Tokens>, VaultError> {
        let (file, name) = (Arc::clone(&self.file), self.name.clone());
        on_waiting_thread(move || file.load(&name)).await
    }

    async fn store(&self, tokens: &Tokens) -> Result<(), VaultError> {
        let (file, name, tokens) = (Arc::clone(&self.file), self.name.clone(), tokens.clone());
        on_waiting_thread(move || file.store(name, tokens)).await
    }

    async fn remove(&self) -> Result<(), VaultError> {
        let (file, name) = (Arc::clone(&self.file), self.name.clone());
        on_waiting_thread(move || file.remove(&name)).await
    }
}
