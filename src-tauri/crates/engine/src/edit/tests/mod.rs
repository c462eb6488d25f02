//! Edits on an engine with a replica of its own, and nobody to sync with.

mod following;
mod guests;
mod moving;
mod occurrence;
mod outbox;
mod refusal;
mod undo;
mod whole;
pub(crate) mod world;
