//! Reading a calendar file from the disk, as far as anybody's calendar goes.

use std::io::Read;
use std::path::PathBuf;

use synodic_engine::view::{Failure, FailureCode};

/// One byte more than the largest file that is taken, which the reader of calendar files then refuses.
const LIMIT: u64 = (100 << 20) + 1;

/// Reads a file; of one that never ends no more than is needed to refuse it.
///
/// # Errors
/// When it is no file, or cannot be read.
pub(crate) async fn read(path: PathBuf) -> Result<Vec<u8>, Failure> {
    let shown = path.display().to_string();
    let refuse = move |reason: &dyn std::fmt::Display| Failure {
        code: FailureCode::Invalid,
        message: format!("“{shown}” cannot be read: {reason}"),
        field: None,
    };
    let reading = tokio::task::spawn_blocking(move || {
        // A pipe or a device would keep us waiting.
        if !std::fs::metadata(&path)?.is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        std::fs::File::open(&path)?.take(LIMIT).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match reading.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(refuse(&error)),
        Err(error) => Err(refuse(&error)),
    }
}
