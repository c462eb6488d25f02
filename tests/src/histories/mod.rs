//! Random histories: edits here and there, faults, wrong clocks and restarts, in any order, and then a look at whether
//! the promises were kept.
//!
//! A history is plain data ([`step::History`]), made up from a seed ([`generate`]). It is played ([`play`]) on one thread,
//! in a time that stands still until everything is done ([`idle`], [`hands`]), against simulated services in the same
//! process ([`wire`]); so it sends the same and ends alike
//! however often it is played, and an hour of it takes milliseconds. What people
//! write is noted ([`ledger`]), and in the end everything is compared ([`check`]). Of a history that ends badly everything
//! is left out that it ends badly without ([`shrink`]).
//!
//! `cargo run -p synodic-tests --bin replay -- SEED` plays one history and tells what happens. To bring in another
//! service, implement [`remote::Remote`] for its simulator and give its calendars a place in [`stage`].

pub mod check;
pub mod crowd;
pub mod generate;
pub mod hands;
pub mod idle;
pub mod ledger;
pub mod play;
pub mod remote;
pub mod services;
pub mod shrink;
pub mod stage;
pub mod step;
pub mod wire;
mod words;
