//! One engine per replica.

/// Held for as long as an engine has the replica.
#[derive(Debug)]
pub struct ReplicaLock {}
