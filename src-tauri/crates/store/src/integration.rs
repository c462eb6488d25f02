//! `calendar_integration`: the connected accounts.

use synodic_model::IntegrationId;
use synodic_model::sync::Integration;

reads! {
    /// All connected accounts, in the order in which they were connected.
    fn integrations() -> Vec<Integration>;
    /// The account with this id.
    fn integration(id: IntegrationId) -> Option<Integration>;
}
