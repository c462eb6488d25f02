//! How damage is noticed: by a look at every start, and by a mark that is left when it is met later.
//!
//! SQLite keeps no checksums, so a page that was overwritten is found when it is read, which may be days after the
//! start. Whoever meets one leaves a mark beside the file, and the next start then reads all of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use synodic_model::EventId;

use crate::column::Word;
use crate::{Store, StoreError, file};

/// What is appended to the replica's name for the mark.
const MARK: &str = "-suspect";
/// The tables that are small and without which nothing goes: they are looked at whenever the replica is opened.
const ALWAYS: [&str; 6] =
    ["calendar", "calendar_integration", "link", "remote_calendar", "setting", "sync_queue"];
/// How many events are read at once.
const AT_ONCE: usize = 500;

/// The replica's path with something appended to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether damage was met while the replica was open last.
pub(crate) fn is_suspect(path: &Path) -> bool {
    beside(path, MARK).exists()
}

/// Leaves the mark, if the error speaks of damage.
pub(crate) fn note(path: &Path, error: &StoreError) {
    if !error.is_damage() || is_suspect(path) {
        return;
    }
    tracing::warn!(%error, "the database is damaged; it is repaired at the next start");
    // Without the mark the damage is met once more, and noted then.
    let _ =
        file::for_owner(File::options().write(true).create(true).truncate(false)).open(beside(path, MARK));
}

/// Takes the mark away.
pub(crate) fn clear(path: &Path) {
    let _ = fs::remove_file(beside(path, MARK));
}

impl Store {
    /// Notes that damage was met, so that the next start under the engine's lock repairs it. Does nothing for any other
    /// error.
    pub fn note_damage(&self, error: &StoreError) {
        note(self.path(), error);
    }

    /// Reads everything once and notes damage, so that the next start repairs it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found, and others when it cannot be told.
    pub async fn audit(&self) -> Result<(), StoreError> {
        self.look_for_damage(true).await.inspect_err(|error| self.note_damage(error))
    }

    /// Looks for damage: in what is always needed, and in everything when damage was met before.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with what was found, and others when it cannot be told.
    pub(crate) async fn look_for_damage(&self, is_suspect: bool) -> Result<(), StoreError> {
        for table in ALWAYS {
            self.check(&format!("PRAGMA integrity_check('{table}')")).await?;
        }
        self.named(self.calendars().await.map(drop))?;
        self.named(self.links().await.map(drop))?;
        for integration in self.named(self.integrations().await)? {
            self.named(self.listed_calendars(integration.id).await.map(drop))?;
        }
        if is_suspect {
            self.check("PRAGMA integrity_check(1)").await?;
            self.read_everything().await?;
        }
        Ok(())
    }

    async fn check(&self, pragma: &str) -> Result<(), StoreError> {
        let mut reader = self.reader().await?;
        let verdict: Result<String, _> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(pragma)).fetch_one(reader.connection()).await;
        match verdict {
            Ok(verdict) if verdict == "ok" => Ok(()),
            Ok(verdict) => Err(self.damaged(&verdict)),
            Err(error) => self.named(Err(StoreError::during("looking for damage")(error))),
        }
    }

    /// Reads each event and how it stands as what it is.
    async fn read_everything(&self) -> Result<(), StoreError> {
        let ids: Vec<Word<EventId>> = {
            let mut reader = self.reader().await?;
            let ids = sqlx::query_scalar("SELECT id FROM event").fetch_all(reader.connection()).await;
            self.named(ids.map_err(StoreError::during("looking for damage")))?
        };
        let ids: Vec<EventId> = ids.into_iter().map(|id| id.0).collect();
        for some in ids.chunks(AT_ONCE) {
            self.named(self.events_by_ids(some).await.map(drop))?;
            for link in self.links().await? {
                self.named(self.event_syncs_at(link.id, some).await.map(drop))?;
            }
        }
        Ok(())
    }

    /// Calls damage by its one name.
    fn named<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        result.map_err(|error| if error.is_damage() { self.damaged(&error.to_string()) } else { error })
    }

    fn damaged(&self, reason: &str) -> StoreError {
        StoreError::Damaged { path: self.path().to_owned(), reason: reason.to_owned() }
    }
}
