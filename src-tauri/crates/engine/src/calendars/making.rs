//! Making calendars at a service, and giving those that are there other names.

use serde_json::Value;
use synodic_model::sync::{ProviderKind, SyncDirection};
use synodic_model::{IntegrationId, LinkId};
use synodic_providers::{CalendarWish, Provider, ProviderError};

use super::{acceptable_color, acceptable_name, acceptable_zone};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::CalendarView;

impl Engine {
    /// Makes a calendar at a service, and one here that is kept in step with it.
    ///
    /// # Errors
    /// As [`Engine::create_calendar`]; [`EngineError::Unacceptable`] as well when the service makes no calendars for this
    /// account, [`EngineError::NotFound`] when there is no such account, [`EngineError::Provider`] when the service cannot
    /// be reached.
    pub async fn create_calendar_at(
        &self,
        integration: IntegrationId,
        name: String,
        color: String,
        time_zone: String,
    ) -> Result<CalendarView, EngineError> {
        let (name, color) = (acceptable_name(&name)?, acceptable_color(&color)?);
        let zone = acceptable_zone(&time_zone)?;
        let integration = self.integration(integration).await?;
        refuse_unmade(integration.provider)?;
        let provider = self.inner.provider(&integration).await?;
        let wish = CalendarWish { name: &name, color: &color };
        let made = provider.create_calendar(&wish).await.map_err(explained)?;
        // Listed at once, so that it is not offered as one that somebody else has made.
        let mut remote = self.inner.remote_calendar(&integration, &made.id).await?;
        remote.color = Some(color);
        remote.time_zone.get_or_insert_with(|| zone.name().to_owned());
        self.link_with(None, &integration, remote, SyncDirection::Bidirectional, Value::Null).await
    }

    /// Gives the calendar at the other end of a link another name, where the service allows it. A calendar here that is
    /// called as that one was follows.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] for an empty name or when the service does not allow it, [`EngineError::NotFound`]
    /// when there is no such link, [`EngineError::Provider`] when the service cannot be reached.
    pub async fn rename_remote_calendar(&self, link: LinkId, name: String) -> Result<(), EngineError> {
        let name = acceptable_name(&name)?;
        let links = self.inner.store.links().await?;
        let link = links.into_iter().find(|known| known.id == link);
        let link = link.ok_or(EngineError::NotFound { what: "link" })?;
        let integration = self.integration(link.integration_id).await?;
        refuse_unmade(integration.provider)?;
        let provider = self.inner.provider(&integration).await?;
        provider.rename_calendar(&link.remote_calendar_id, &name).await.map_err(explained)?;
        self.inner.remote_calendars_of(&integration).await?;
        Ok(())
    }
}

fn refuse_unmade(provider: ProviderKind) -> Result<(), EngineError> {
    if provider == ProviderKind::Caldav {
        return Ok(());
    }
    Err(EngineError::Unacceptable {
        reason: "Synodic makes and renames calendars at calendar servers only. Do it at the service; it is offered here \
                 then."
            .to_owned(),
    })
}

/// Says that it is the service which does not want it.
fn explained(error: ProviderError) -> EngineError {
    match error {
        ProviderError::Refused { service, reason, .. } => {
            EngineError::Unacceptable { reason: format!("{service} does not allow that: {reason}.") }
        }
        error => error.into(),
    }
}
