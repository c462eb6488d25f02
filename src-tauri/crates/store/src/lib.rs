//! The replica on disk: one SQLite file behind typed functions.
//!
//! Rows go in and come out as the types of `synodic-model`; this is the only crate that knows SQL, and the schema
//! itself is in the repository's `migrations/`. It decides nothing about synchronisation and never asks for the time.
//!
//! **Architecture invariant:** every write goes through a [`Transaction`], of which there is one at a time; dropping
//! it takes everything back. Reads run beside it, on connections of their own, and see the last committed state.
//!
//! - [`Store`] opens, migrates, backs up, and reads.
//! - [`Transaction`] writes, and reads what it has written itself. Each table has one file, and each file begins with
//!   the functions that it gives to both.
//!
//! Instants are stored as whole milliseconds of UTC; what is finer is cut off. Identifiers, enumerations and JSON are
//! text, spelled as the model's types spell themselves, so that the file can be read with `sqlite3` alone.
//!
//! Statements are checked against the schema when the crate is built, from what `.sqlx` in the repository remembers of
//! them; after a change to a statement or a migration, `scripts/check-sql --update` writes that anew.

#[macro_use]
mod reads;

mod backup;
mod boundary;
mod calendar;
mod column;
mod connection;
mod damage;
mod error;
mod event;
mod event_sync;
mod file;
mod history;
mod integration;
mod link;
mod log;
mod queue;
mod remote_calendar;
mod salvage;
mod search;
mod setting;
mod span;
mod store;
#[cfg(test)]
mod tests;
mod transaction;
mod turnstile;
mod unreadable;
mod window;

pub use boundary::Boundary;
pub use error::StoreError;
pub use history::Run;
pub use log::LogFilter;
pub use queue::{NewQueueEntry, Outgoing, QueueCounts, QueueLine, QueueSpan};
pub use salvage::Salvage;
pub use search::Found;
pub use store::{OpenOptions, Store};
pub use transaction::{Durability, Transaction};
pub use turnstile::Turnstile;
pub use unreadable::UnreadableItem;
pub use window::Seen;
