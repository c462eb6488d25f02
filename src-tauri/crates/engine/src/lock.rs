//! One engine per replica.
//!
//! The operating system holds the lock for as long as the file is open, so a program that crashes leaves none behind.
//! The file itself stays: removing it would let a third program lock a new file of the same name beside the second.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use crate::error::EngineError;

/// The lock file in the data folder.
const LOCK_FILE: &str = "synodic.lock";

/// Held for as long as an engine has the replica.
#[derive(Debug)]
pub struct ReplicaLock {
    _file: File,
}

impl ReplicaLock {
    /// Makes the data folder when there is none, for its owner only, and takes its lock without waiting.
    ///
    /// # Errors
    /// [`EngineError::Busy`] when another engine has it, [`EngineError::Environment`] when the folder cannot be used.
    pub fn acquire(data_dir: &Path) -> Result<Self, EngineError> {
        let unusable = |error: &io::Error| EngineError::Environment {
            reason: format!(
                "Synodic cannot use the folder {}: {error}. Make it writable, or name another one with --data-dir.",
                data_dir.display()
            ),
        };
        create_private_folder(data_dir).map_err(|error| unusable(&error))?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(data_dir.join(LOCK_FILE))
            .map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(EngineError::Busy { data_dir: data_dir.display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_engine_is_refused_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = ReplicaLock::acquire(folder.path()).unwrap();
        let refusal = ReplicaLock::acquire(folder.path()).unwrap_err();
        assert!(matches!(&refusal, EngineError::Busy { .. }), "{refusal}");
        drop(first);
        ReplicaLock::acquire(folder.path()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_folder_is_made_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("deep/inside");
        let _lock = ReplicaLock::acquire(&data_dir).unwrap();
        assert_eq!(fs::metadata(&data_dir).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        let refusal = ReplicaLock::acquire(&in_the_way.join("data")).unwrap_err();
        assert!(
            matches!(&refusal, EngineError::Environment { reason } if reason.contains("--data-dir")),
            "{refusal}"
        );
    }
}
