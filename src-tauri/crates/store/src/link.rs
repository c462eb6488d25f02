//! `link`: what ties a calendar to a remote calendar, and how far it has been pulled.

use synodic_model::sync::Link;
use synodic_model::{CalendarId, IntegrationId, LinkId};

reads! {
    /// All links.
    fn links() -> Vec<Link>;
    /// The link with this id.
    fn link(id: LinkId) -> Option<Link>;
    /// The links of one calendar.
    fn links_of_calendar(id: CalendarId) -> Vec<Link>;
    /// The links of one account.
    fn links_of_integration(id: IntegrationId) -> Vec<Link>;
}
