//! What is done when a write has failed: its class decides, never its words.

use std::sync::atomic::Ordering;

use synodic_model::ExternalId;
use synodic_providers::{Class, Provider, ProviderError, RemoteChange};
use synodic_store::{Durability, StoreError};

use super::write::{Subject, Write};
use super::{Job, Push, Round};
use super::{moved, settle};
use crate::clock::after;
use crate::error::CallFailed;
use crate::halt::Halt;
use crate::pull::{apply_changes, reach, tell, terms};

impl Push<'_> {
    /// Does what the class of a failure asks for.
    pub(super) async fn face(
        &self,
        job: &Job,
        subject: &Subject,
        write: &Write,
        error: ProviderError,
        doubt: &mut Option<ProviderError>,
    ) -> Result<Round, Halt> {
        tracing::debug!(event = %job.entry.event_id, link = %job.link.id, %error, "a write failed");
        let external = subject.sync.as_ref().and_then(|row| row.external_id.clone());
        match (error.class(), external) {
            (Class::Permanent, _) if matches!(error, ProviderError::IdentitySpent) => {
                settle::identity_spent(self.inner, job).await?;
                return Ok(Round::LookAgain);
            }
            (Class::Conflict, None) if matches!(write, Write::Move { .. }) => {
                // It was deleted there, but edited here: it is made anew where it shall be.
                moved::not_there(self.inner, job).await?;
                return Ok(Round::LookAgain);
            }
            (Class::Conflict, Some(id)) if matches!(error, ProviderError::Gone) => {
                return Box::pin(self.gone(job, &id)).await;
            }
            // The remote has it under another id, which no pull has told of yet: both meet.
            (Class::Conflict, None) if let ProviderError::AlreadyThere { id } = &error => {
                return self.look(job, id).await;
            }
            (Class::Conflict, Some(id)) => return self.look(job, &id).await,
            // Its series has changed there, and may not have that occurrence any more.
            (Class::Conflict, None) if let Write::Create { occurrence_of: Some(occurrence) } = write => {
                return self.look(job, &occurrence.series).await;
            }
            (Class::Unsettled { retry_after }, _) => {
                let at = after(self.inner.clock.now(), retry_after);
                settle::release(self.inner, &job.entry, at, true).await?;
            }
            (Class::Uncertain, external) if doubt.is_none() => {
                *doubt = Some(error);
                return match (write, external) {
                    (Write::Update { .. } | Write::Delete { .. }, Some(id)) => self.look(job, &id).await,
                    // Everything else is safe to repeat as it is.
                    _ => Ok(Round::LookAgain),
                };
            }
            (Class::Permanent, _) => {
                if matches!(error, ProviderError::Refused { status: 403 | 404, .. }) {
                    self.is_access_doubted.store(true, Ordering::Relaxed);
                }
                settle::give_up(self.inner, job, &error, job.entry.retry_count + 1).await?;
            }
            _ => return self.wait(job, &error).await,
        }
        Ok(Round::Settled)
    }

    /// Puts the row off, and stops the account's work when the failure is not the row's own. No try is used where
    /// nothing is wrong with the row: without a way to the service, and when the service says how long it wants a rest.
    pub(super) async fn wait(&self, job: &Job, error: &ProviderError) -> Result<Round, Halt> {
        let now = self.inner.clock.now();
        let halt = Halt::of(error);
        let free_until = match (&halt, error) {
            (Some(Halt::Offline { .. } | Halt::SignIn { .. }), _) | (_, ProviderError::Vault(_)) => {
                Some(job.entry.scheduled_for)
            }
            (Some(Halt::Rest { at_least: Some(rest), .. }), _) => Some(after(now, *rest)),
            _ => None,
        };
        match free_until {
            Some(at) => settle::release(self.inner, &job.entry, at, job.may_be_there).await?,
            None => settle::retry_later(self.inner, job, error).await?,
        }
        halt.map_or(Ok(Round::Settled), Err)
    }

    /// Asks the remote what it has, and lets that go through the merge.
    pub(super) async fn look(&self, job: &Job, id: &ExternalId) -> Result<Round, Halt> {
        match self.client.read((&job.link).into(), id).await {
            Ok(Some(remote)) => {
                let remote = [RemoteChange::Present(Box::new(remote))];
                let occurrences = match reach::occurrences(self.inner, self.client, &job.link, &remote).await
                {
                    Ok(occurrences) => occurrences,
                    Err(CallFailed::Provider(error)) => return self.wait(job, &error).await,
                    Err(CallFailed::Store(error)) => return Err(error.into()),
                };
                for change in remote.into_iter().chain(occurrences) {
                    self.meet(job, change).await?;
                }
                Ok(Round::LookAgain)
            }
            Ok(None) => Box::pin(self.gone(job, id)).await,
            Err(error) => self.wait(job, &error).await,
        }
    }

    /// Takes in what the remote has of this event, as a pull would.
    pub(super) async fn meet(&self, job: &Job, change: RemoteChange) -> Result<(), StoreError> {
        let terms = terms(self.inner, self.client, job.link.clone()).await?;
        let met = match &change {
            RemoteChange::Present(remote) => {
                // A listing that is under way since before is older than this.
                self.inner.echoes.wrote(job.link.id, remote, terms.now);
                Some(remote.id.clone())
            }
            RemoteChange::Removed { id } => {
                let row = self.inner.store.event_sync(job.entry.event_id, job.link.id).await?;
                let version = row.and_then(|row| row.remote_version);
                self.inner.echoes.deleted(job.link.id, id, version.as_ref(), terms.now);
                Some(id.clone())
            }
            RemoteChange::Complete { .. } | RemoteChange::Unreadable { .. } => None,
        };
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let carried = Some(job.entry.event_id);
        let applied = apply_changes(&mut transaction, self.inner, &terms, vec![change], carried).await?;
        transaction.commit().await?;
        if let Some(id) = met {
            self.inner.echoes.answered(job.link.id, &id);
        }
        tell(self.inner, &terms, &applied.woken, applied.tally);
        Ok(())
    }
}
