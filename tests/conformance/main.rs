//! What a provider promises, asked of the provider's simulator: the same questions that the real service would be asked.
//!
//! The simulators know the services' documentation and nothing of our providers, so where the two agree, two readings of
//! the documentation agree.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says why"
)]

mod caldav;
mod caldav_addresses;
mod caldav_bad_input;
mod caldav_calendars;
mod caldav_fake;
mod caldav_guests;
mod caldav_listings;
mod caldav_lost_answers;
mod caldav_moving;
mod caldav_records;
mod caldav_refusals;
mod caldav_sign_in;
mod caldav_texts;
mod google;
mod google_node;
mod google_python;
mod notion;
mod notion_node;
