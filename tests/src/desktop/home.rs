//! A home folder of its own, and the program started in it as a person starts it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::effort::Effort;
use super::wait::{PATIENCE, until};

/// What is taken over from the environment of the tests; everything else would be somebody's own set-up.
const INHERITED: [&str; 7] = [
    "PATH",
    "DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "GDK_BACKEND",
    "NO_AT_BRIDGE",
    "SYNODIC_DESKTOP",
    "TMPDIR",
];

/// How long one command may take.
const COMMAND_PATIENCE: Duration = Duration::from_secs(60);

/// The program under test.
///
/// # Panics
/// When it was not built.
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("SYNODIC_BIN") {
        return path.into();
    }
    let own = std::env::current_exe().expect("a test knows its own path");
    own.ancestors()
        .map(|folder| folder.join("synodic"))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("there is no program beside {}; build the workspace first", own.display()))
}

/// Cargo's target folder, for what a test leaves to look at.
///
/// # Panics
/// When the tests run from anywhere else and `CARGO_TARGET_DIR` does not tell.
pub fn target_folder() -> PathBuf {
    if let Some(path) = std::env::var_os("CARGO_TARGET_DIR") {
        return path.into();
    }
    let own = std::env::current_exe().expect("a test knows its own path");
    let marked = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.expect("tests run from a target folder").to_path_buf()
}

/// Below what systems give to whoever does not care, so that nobody is given such a port by chance.
const PORTS: std::ops::Range<u32> = 20_000..32_000;

/// A port that was free a moment ago, and that no other test is told of at the same time: each process begins to look
/// elsewhere.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let count = PORTS.end - PORTS.start;
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut ports = (0..count).filter_map(|_| {
        let asked = std::process::id().wrapping_mul(31).wrapping_add(ASKED.fetch_add(1, Ordering::Relaxed));
        u16::try_from(PORTS.start + asked % count).ok()
    });
    ports.find(is_free).expect("a port is free")
}

/// A home folder, with the environment of what is started in it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    logs: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Home {
    /// Makes a home folder in Berlin, whose secrets go to a file, and whose programs log into `logs`.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    pub fn new(logs: &Path) -> Self {
        // Short, because the path of a Unix socket within it may have about a hundred characters.
        let folder = tempfile::Builder::new().prefix("sy").tempdir().expect("a temporary folder can be made");
        let mut environment = BTreeMap::new();
        for name in INHERITED {
            if let Ok(value) = std::env::var(name) {
                environment.insert(name.to_owned(), value);
            }
        }
        for (name, place) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_STATE_HOME", "home/.local/state"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            let path = folder.path().join(place);
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).expect("a folder can be made");
            environment.insert(name.to_owned(), path.display().to_string());
        }
        for (name, value) in [("TZ", "Europe/Berlin"), ("LANG", "C.UTF-8"), ("SYNODIC_SECRETS", "file")] {
            environment.insert(name.to_owned(), value.to_owned());
        }
        let home = Self { logs: logs.to_path_buf(), environment, folder };
        let data_dir = home.data_dir().display().to_string();
        home.with("SYNODIC_DATA_DIR", data_dir)
    }

    /// Sets a variable for what is started from now on.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a variable for what is started from now on.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program's data folder, which it makes itself.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where programs log.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// A command in this home, and nothing but its environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.environment).current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    /// Runs `synodic` with arguments to its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn run<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Outcome {
        self.run_with_input(arguments, "").await
    }

    /// Runs `synodic` with arguments to its end, with `input` as what is typed.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn run_with_input<Argument: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = Argument>,
        input: &str,
    ) -> Outcome {
        let mut command = self.command(program());
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let shown = format!("{:?}", command.as_std());
        let ended = tokio::time::timeout(COMMAND_PATIENCE, async {
            let mut child = command.spawn().expect("the program can be started");
            let mut typed = child.stdin.take().expect("its input is a pipe");
            // A program that asks for nothing may have ended before.
            let _ = typed.write_all(input.as_bytes()).await;
            drop(typed);
            child.wait_with_output().await
        });
        let output =
            ended.await.unwrap_or_else(|_| panic!("{shown} did not end within {COMMAND_PATIENCE:?}"));
        let output = output.expect("the program's output can be read");
        Outcome {
            command: shown,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// Runs `synodic` with arguments to its end, started by another program: `starter` and its own arguments.
    ///
    /// # Panics
    /// When it cannot be started or does not end.
    pub async fn run_within(&self, starter: &[&str], arguments: &[&str]) -> Outcome {
        let (first, rest) = starter.split_first().expect("somebody starts it");
        let mut command = self.command(first);
        command.args(rest).arg(program()).args(arguments).stdin(Stdio::null());
        let shown = format!("{:?}", command.as_std());
        let output = tokio::time::timeout(COMMAND_PATIENCE, command.output()).await;
        let output = output.unwrap_or_else(|_| panic!("{shown} did not end within {COMMAND_PATIENCE:?}"));
        let output = output.expect("the program can be started");
        Outcome {
            command: shown,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// Runs `synodic … --json` and reads its one document.
    ///
    /// # Panics
    /// When the command fails or prints anything else.
    pub async fn json<Argument: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = Argument>) -> Value {
        let arguments: Vec<_> = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        self.run(arguments.iter().map(AsRef::as_ref).chain([OsStr::new("--json")])).await.done().document()
    }

    /// What SQLite says about the soundness of the replica: `ok`, when it is sound.
    ///
    /// # Panics
    /// When there is no replica.
    pub async fn replica_check(&self) -> String {
        let mut check = self.command("sqlite3");
        check.arg(self.replica()).arg("pragma integrity_check; pragma foreign_key_check;");
        let output = check.output().await.expect("sqlite3 is installed");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// The database in the data folder.
    ///
    /// # Panics
    /// When there is none.
    pub fn replica(&self) -> PathBuf {
        let entries = fs::read_dir(self.data_dir()).expect("there is a data folder").filter_map(Result::ok);
        let mut paths = entries.map(|entry| entry.path());
        let found = paths.find(|path| path.extension().is_some_and(|ending| ending == "db"));
        found.expect("the data folder has a database")
    }

    /// Starts `synodic` with arguments and lets it run; its messages go into a log named after `name`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<Argument: AsRef<OsStr>>(
        &self,
        name: &str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Program {
        let mut command = self.command(program());
        command.args(arguments);
        Program::start(command, &self.logs.join(name))
    }
}

/// How a command ended and what it said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was run.
    pub command: String,
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Insists that everything asked for was done.
    ///
    /// # Panics
    /// When it was not.
    pub fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Reads standard output as one JSON document.
    ///
    /// # Panics
    /// When it is none.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }

    /// Insists that it failed with `code`, said so in one clear sentence that contains `words`, and printed nothing
    /// that could be taken for an answer. Returns the sentence.
    ///
    /// # Panics
    /// When anything of that is otherwise.
    pub fn refused(&self, code: i32, words: &[&str]) -> &str {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "a refusal prints no answer: {self:#?}");
        let lines: Vec<&str> = self.stderr.lines().filter(|line| !line.trim().is_empty()).collect();
        let [line] = lines.as_slice() else { panic!("one sentence, not {}: {self:#?}", lines.len()) };
        let sentence = line.strip_prefix("synodic: ").unwrap_or_else(|| panic!("who says so? {self:#?}"));
        for unwanted in ["panicked", "Error(", "Err(", "os error 0", "{", "\\n"] {
            assert!(!sentence.contains(unwanted), "{unwanted:?} is not for people: {self:#?}");
        }
        assert!(sentence.len() < 500, "too long to be read: {self:#?}");
        for word in words {
            assert!(sentence.to_lowercase().contains(&word.to_lowercase()), "{word:?} is missing: {self:#?}");
        }
        sentence
    }
}

/// A program that runs. It and all it started are ended when this is dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    group: u32,
    /// Where its output goes, without the ending.
    output: PathBuf,
}

impl Program {
    /// Starts a command in a process group of its own; what it answers goes into `output` with the ending `.out`,
    /// what it says beside that with the ending `.log`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(mut command: Command, output: &Path) -> Self {
        let file = |ending: &str| File::create(output.with_extension(ending)).expect("a log can be written");
        command.stdin(Stdio::null()).stdout(file("out")).stderr(file("log")).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", command.as_std()));
        let group = child.id().expect("it has just been started");
        Self { child, group, output: output.to_path_buf() }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.group
    }

    /// What it answered so far, on standard output.
    pub fn answered(&self) -> String {
        fs::read_to_string(self.output.with_extension("out")).unwrap_or_default()
    }

    /// What it said so far, on either output.
    pub fn said(&self) -> String {
        self.answered() + &fs::read_to_string(self.output.with_extension("log")).unwrap_or_default()
    }

    /// Waits until it has said `words`, and returns the line.
    ///
    /// # Panics
    /// When it ends or keeps quiet.
    pub async fn says(&mut self, words: &str) -> String {
        until(&format!("the program says {words:?}"), async || {
            let said = self.said();
            // A line without its end may still be growing.
            let whole = said.rfind('\n').map_or("", |end| said.get(..end).unwrap_or_default());
            match whole.lines().find(|line| line.contains(words)) {
                Some(line) => Ok(line.to_owned()),
                None => {
                    let ended = self.child.try_wait().expect("a child can be asked");
                    assert!(ended.is_none(), "it ended ({ended:?}) without saying {words:?}: {said}");
                    Err(said)
                }
            }
        })
        .await
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    /// What it was started with, or has started itself anew with.
    pub fn arguments(&self) -> Vec<String> {
        let told = fs::read_to_string(format!("/proc/{}/cmdline", self.group)).unwrap_or_default();
        told.split_terminator('\0').skip(1).map(str::to_owned).collect()
    }

    /// How often it has a file open.
    pub fn open(&self, path: &str) -> usize {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.group)).into_iter().flatten();
        let files = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        files.filter(|file| file == Path::new(path)).count()
    }

    /// The names of the processes that it started and that still run: those of its process group.
    pub fn helpers(&self) -> Vec<String> {
        self.processes()
            .into_iter()
            .filter(|(number, _)| *number != self.group)
            .map(|(_, name)| name)
            .collect()
    }

    /// The process that draws its page; none when there is no page.
    pub fn page(&self) -> Option<u32> {
        // The system keeps fifteen letters of a name.
        self.processes().into_iter().find(|(_, name)| name == "WebKitWebProces").map(|(number, _)| number)
    }

    /// Ends the process that draws its page, as the system does when memory runs out.
    ///
    /// # Panics
    /// When there is none.
    pub fn lose_page(&self) {
        let page = self.page().expect("it shows a page");
        signal("KILL", &page.to_string());
    }

    /// The bytes of memory that it and its helpers take up, each page shared among those who have it; none where the
    /// system does not tell.
    pub fn memory(&self) -> Option<u64> {
        let of_one = |number: u32| {
            let told = fs::read_to_string(format!("/proc/{number}/smaps_rollup")).ok()?;
            let line = told.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        };
        let own = of_one(self.group)?;
        let helpers = self.processes().into_iter().filter(|(number, _)| *number != self.group);
        Some((own + helpers.filter_map(|(number, _)| of_one(number)).sum::<u64>()) * 1024)
    }

    /// How long it and its helpers have kept processors busy, and how often their threads have gone to sleep to be woken;
    /// none where the system does not tell.
    pub fn effort(&self) -> Option<Effort> {
        self.processes().into_iter().filter_map(|(number, _)| Effort::of(number)).reduce(Effort::plus)
    }

    /// The processes of its group that still run, with their names.
    fn processes(&self) -> Vec<(u32, String)> {
        let folders = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        let stats = folders.filter_map(|folder| fs::read_to_string(folder.path().join("stat")).ok());
        // `proc(5)`: number (name) state parent group …, and a name may hold anything, brackets too.
        let helper = |stat: String| {
            let (before, after) = stat.rsplit_once(')')?;
            let (number, name) = before.split_once('(')?;
            let mut fields = after.split_whitespace();
            let (state, _parent, group) = (fields.next()?, fields.next()?, fields.next()?);
            let group: u32 = group.parse().ok()?;
            let number: u32 = number.trim().parse().ok()?;
            (group == self.group && state != "Z").then(|| (number, name.to_owned()))
        };
        stats.filter_map(helper).collect()
    }

    /// Asks it to end, as the system does at log-out.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        signal(name, &self.group.to_string());
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it goes on.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("still running after {PATIENCE:?}; it said: {}", self.said()))
            .expect("a child can be waited for")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        signal("KILL", &format!("-{}", self.group));
    }
}

/// Sends a signal to a process, or with a minus sign to a process group. One that is gone already is no failure.
pub(super) fn signal(name: &str, process: &str) {
    let _ = std::process::Command::new("sh")
        .args(["-c", &format!("kill -s {name} -- {process} 2>/dev/null")])
        .status();
}
