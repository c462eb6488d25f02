//! The simulated Google, seen from outside: in process, and over sockets where that makes a difference.

#![expect(clippy::unwrap_used, reason = "the whole binary is tests, its helpers too")]
#![expect(clippy::needless_pass_by_value, reason = "tests write their events down in place")]

mod bench;
mod calendars;
mod events;
mod faults;
mod listing;
mod oauth;
mod page;
mod protocol;
mod push;
mod restrictions;
mod series;
mod sockets;
mod sync;
