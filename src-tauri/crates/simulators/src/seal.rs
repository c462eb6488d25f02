//! Tokens that are opaque to clients and self-contained for the server.
//!
//! A token carries what it stands for and a checksum under the simulator's seed. Nothing about it is remembered, so
//! a token outlives a restart of the listener, and one that was made up or cut off is recognised.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chance;

/// Writes a token.
pub(crate) fn seal(seed: u64, token: &impl Serialize) -> String {
    let text = serde_json::to_string(token).unwrap_or_default();
    let mut bytes = chance::number(seed, &["token", &text]).to_be_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    URL_SAFE.encode(bytes)
}

/// Reads a token; `None` if it was not written by [`seal`].
pub(crate) fn open<T: DeserializeOwned>(seed: u64, token: &str) -> Option<T> {
    let bytes = URL_SAFE.decode(token).ok()?;
    let (sum, text) = bytes.split_at_checked(8)?;
    let text = std::str::from_utf8(text).ok()?;
    if sum != chance::number(seed, &["token", text]).to_be_bytes() {
        return None;
    }
    serde_json::from_str(text).ok()
}
