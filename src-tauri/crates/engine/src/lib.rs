//! The sync engine. (Being written.)
pub mod snapshot;
pub mod view;
