//! What the tests are made of. Each test binary is a folder beside `src`; what several of them need is here.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

pub mod dav;
pub mod dav_proxy;
pub mod desktop;
pub mod histories;
pub mod leaping;
pub mod world;
