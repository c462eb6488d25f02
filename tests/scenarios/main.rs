//! Stories that a person would tell, each against a simulated Google on loopback and a replica on disk.

mod accounts;
mod coming_in;
mod going_out;
mod merging;
mod offline;
mod refused;
mod resync;
mod series;
mod shutdown;
mod sign_in;
mod two_links;
mod uncertain;
mod webhooks;
