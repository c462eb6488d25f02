//! The replica on disk. (Being written.)
mod error;
pub use error::StoreError;

/// The open replica.
#[derive(Clone, Debug)]
pub struct Store {}
