//! The connected accounts: adding, renewing and removing them.

use synodic_model::IntegrationId;
use synodic_model::sync::Integration;
use synodic_providers::Tokens;

use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Connects a Google account with tokens that were obtained elsewhere.
    ///
    /// # Errors
    /// Todo.
    pub async fn connect_google(&self, _tokens: Tokens) -> Result<IntegrationId, EngineError> {
        Err(EngineError::Closing)
    }

    pub(crate) async fn renew_google(
        &self,
        _integration: IntegrationId,
        _tokens: Tokens,
    ) -> Result<IntegrationId, EngineError> {
        Err(EngineError::Closing)
    }

    pub(crate) async fn integration(&self, _id: IntegrationId) -> Result<Integration, EngineError> {
        Err(EngineError::NotFound { what: "account" })
    }
}
