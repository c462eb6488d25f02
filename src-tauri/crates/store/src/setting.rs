//! `setting`: small things to remember.

use serde_json::Value;

reads! {
    /// The value kept under `key`.
    fn setting(key: &str) -> Option<Value>;
}
