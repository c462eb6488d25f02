//! Simulated calendar providers, listening on loopback or called in process.
//!
//! A test that needs a real account is run by nobody; a test against a mock proves only that two pieces of code by the
//! same author agree. This crate is a third thing: servers that behave as the providers' public documentation says, and
//! that can be made to behave badly on purpose: slow, forgetful, cut off in the middle of an answer.
//!
//! What it never does: it does not depend on any other part of the program. It knows HTTP, JSON and the provider's
//! documentation, so that a misunderstanding in the client is not repeated by the server that tests it.
//!
//! Where to start: [`google::GoogleSimulator`] and [`notion::NotionSimulator`]. The shared pieces are [`clock`] (all time
//! comes from there), [`fault`] (what goes wrong, and when) and [`record`] (what was asked).

pub mod clock;
pub mod fault;
pub mod google;
pub mod notion;
pub mod record;

mod chance;
mod html;
mod post;
mod seal;
mod serve;
mod wire;

pub use post::client_builder;
