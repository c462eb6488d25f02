//! iCalendar text (RFC 5545) to the model's events and back.
//!
//! Two things speak it: calendar servers, where each resource is one event or series, and files, which hold any number.
//!
//! * `text` is a tree of lines, kept as they came, so that what nobody here understands goes back as it was.
//! * [`Zones`] says which zone a `TZID` means; `windows` has the names that Microsoft's programs use.
//! * `point`, `read` and `write` carry an event between lines and the model, field by field.
//! * [`Object`] is one event with its edited occurrences, to be read and patched; [`file`] is a whole file of them.
//!
//! **Architecture invariant:** pure, like the model: no IO, no clock, no chance. Nothing here panics or runs away,
//! whatever the text; what cannot be read says why ([`Unreadable`]) and leaves the rest unharmed.

pub mod file;

mod describe;
mod error;
mod object;
mod point;
mod read;
mod text;
mod windows;
mod write;
mod zones;

pub use error::Unreadable;
pub use object::{Object, Part, Parts, Place, UnreadablePart};
pub use zones::Zones;
