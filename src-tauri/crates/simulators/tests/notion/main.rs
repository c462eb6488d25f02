//! The simulated Notion, seen from outside: in process, and over sockets where that makes a difference.

#![expect(clippy::unwrap_used, reason = "the whole binary is tests, its helpers too")]

mod access;
mod bench;
mod bodies;
mod columns;
mod faults;
mod oauth;
mod pages;
mod query;
mod sockets;
mod versions;
mod webhooks;
