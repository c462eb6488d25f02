//! Why an event is as it is, and why a service does not have it so: which change, rule and answer brought it about, in
//! words for the person.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use synodic_model::history::{Author, ChangeKind, HistoryEntry};
use synodic_model::reconcile::Policy;
use synodic_model::sync::{EventSync, EventSyncStatus, Link, QueueEntry, QueueStatus};
use synodic_model::{EventId, Field};

use crate::audit;
use crate::conflict::undecided;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{Drift, ReviewSide};

/// How many changes are told of.
const CHANGES: u32 = 5;

/// How an event stands with one link, and what decides about it there.
#[derive(Debug)]
struct Standing {
    /// Where the person's clock stands.
    viewer: Tz,
    link: Link,
    account: String,
    row: Option<EventSync>,
    entry: Option<QueueEntry>,
    policy: Policy,
    /// Whether the link rests or is held up, and why.
    hindrance: Option<String>,
    is_open: bool,
}

impl Engine {
    /// Tells how an event came to be as it is, the latest change first, and how it stands with every link.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when nothing is known of it, [`EngineError::Store`] when the replica cannot be read.
    pub async fn why(&self, id: EventId) -> Result<Vec<String>, EngineError> {
        let store = &self.inner.store;
        let history = store.history_of(id, CHANGES).await?;
        let event = store.event(id).await?;
        if event.is_none() && history.is_empty() {
            return Err(EngineError::NotFound { what: "event" });
        }
        let viewer = self.inner.config.viewer;
        let accounts = store.integrations().await?;
        let name = |id| accounts.iter().find(|known| known.id == id).map(|known| known.account.clone());
        let mut sentences: Vec<_> = history
            .iter()
            .map(|entry| change(entry, entry.integration_id.and_then(name).as_deref(), viewer))
            .collect();
        for (at, cause) in audit::findings(store, id, self.inner.clock.now()).await? {
            sentences.push(finding(at, cause, viewer));
        }
        let Some(event) = event else { return Ok(sentences) };
        if !history.iter().any(|entry| entry.change == ChangeKind::Created) && history.len() < 5 {
            sentences.push(format!("It came here on {}.", day(event.created_at, viewer)));
        }
        for link in store.links_of_calendar(event.calendar_id).await? {
            let row = store.event_sync(id, link.id).await?;
            let is_open = row.as_ref().is_some_and(|row| !undecided(row, &event.content).is_empty());
            let standing = Standing {
                viewer,
                account: name(link.integration_id).unwrap_or_default(),
                entry: store.queue_entry_of(id, link.id).await?,
                policy: self.inner.policy_of(&link).await?,
                hindrance: self.hindrance(&link).await?,
                row,
                is_open,
                link,
            };
            sentences.extend(conflict(&standing));
            sentences.push(with_link(&standing));
        }
        Ok(sentences)
    }

    async fn hindrance(&self, link: &Link) -> Result<Option<String>, EngineError> {
        let resting =
            self.inner.resting_links(link.integration_id, std::slice::from_ref(link)).await?.remove(&link.id);
        let reviews = self.inner.board.reviews(link.integration_id);
        let held_up = reviews.get(&(link.id, ReviewSide::There)).map(|review| review.message.clone());
        Ok(resting.or(held_up))
    }
}

fn change(entry: &HistoryEntry, account: Option<&str>, viewer: Tz) -> String {
    let day = day(entry.at, viewer);
    let whom = match (entry.author, account) {
        (Author::Person, _) => "you".to_owned(),
        (Author::Remote, Some(account)) => format!("somebody at {account}"),
        (Author::Remote, None) => "somebody at a service".to_owned(),
        (Author::Merge, _) => "both sides".to_owned(),
    };
    match entry.change {
        ChangeKind::Created => format!("On {day} {whom} made it."),
        ChangeKind::Deleted => format!("On {day} {whom} deleted it."),
        ChangeKind::Restored => format!("On {day} {whom} brought it back."),
        ChangeKind::Changed if entry.author == Author::Merge => {
            format!(
                "On {day} both sides had changed it, and {} was taken over from there.",
                named(&entry.fields)
            )
        }
        ChangeKind::Changed => format!("On {day} {whom} changed {}.", named(&entry.fields)),
    }
}

fn finding(at: DateTime<Utc>, cause: Drift, viewer: Tz) -> String {
    let what = match cause {
        Drift::ChangedThere => "it was something else there, of which the service had not told",
        Drift::NewThere => "it was there, of which the service had not told",
        Drift::GoneThere => "it was not there any more, of which the service had not told",
        Drift::AlteredHere => "it was not here as both sides had agreed, though nobody had edited it",
    };
    format!(
        "On {} a comparison with all that the service has found that {what}. It was put right.",
        day(at, viewer)
    )
}

fn conflict(standing: &Standing) -> Option<String> {
    let data = standing.row.as_ref()?.conflict_data.as_ref()?;
    if data.fields.is_empty() {
        return Some("It was deleted on one side and changed on the other, so the change was kept.".into());
    }
    let fields = named(&data.fields);
    let rule = match standing.policy {
        _ if standing.is_open => {
            return Some(format!("Both sides changed {fields}. Each keeps its own until you have decided."));
        }
        Policy::LastWriteWins => "the later edit won",
        Policy::Ask => "you or they have settled it since",
        Policy::PreferLocal => "here wins, as you have set it",
        Policy::PreferRemote => "the service wins, as you have set it",
    };
    Some(format!("Both sides changed {fields}: {rule}. The other version is kept among the conflicts."))
}

fn with_link(standing: &Standing) -> String {
    let Standing { viewer, link, account, row, entry, hindrance, .. } = standing;
    let place = format!("“{}” of {account}", link.remote_name);
    if let Some(hindrance) = hindrance {
        return hindrance.clone();
    }
    let error = |text: &Option<String>| text.clone().unwrap_or_else(|| "it does not say why".into());
    match (entry, row) {
        (Some(entry), _) if entry.status == QueueStatus::Failed => {
            format!(
                "{place} did not take it: {}. Try it again, or discard the edit.",
                error(&entry.last_error)
            )
        }
        (Some(entry), _) if entry.last_error.is_some() => format!(
            "{place} could not be told yet: {}. It is tried again after {}.",
            error(&entry.last_error),
            entry.scheduled_for.with_timezone(viewer).format("%H:%M %Z")
        ),
        (Some(_), _) => format!("{place} has not been told yet; the edit waits to be sent."),
        (None, Some(row)) if row.status == EventSyncStatus::Failed => {
            format!("{place} does not have it so: {}", error(&row.last_error))
        }
        (None, Some(row)) => match row.last_synced_at {
            Some(at) => format!("{place} has the same since {}.", day(at, *viewer)),
            None => format!("{place} does not have it yet."),
        },
        (None, None) if !link.direction.pushes() => {
            format!("{place} is only read, so this event stays here alone.")
        }
        (None, None) => format!("{place} does not have it yet."),
    }
}

fn named(fields: &[Field]) -> String {
    let names: Vec<_> = fields
        .iter()
        .map(|field| match field {
            Field::When => "the time".to_owned(),
            Field::ConferenceUrl => "the place to join".to_owned(),
            other => format!("the {}", json!(other).as_str().unwrap_or_default()),
        })
        .collect();
    match names.split_last() {
        None => "nothing that is shown".into(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// A moment as the person's clock showed it.
fn day(at: DateTime<Utc>, viewer: Tz) -> String {
    at.with_timezone(&viewer).format("%-d %B %Y, %H:%M %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_the_persons_clock_shows_them() {
        let at = DateTime::from_timestamp(1_795_723_080, 0).expect("a moment");
        assert_eq!(day(at, chrono_tz::Europe::Berlin), "26 November 2026, 20:58 CET");
        assert_eq!(day(at, chrono_tz::UTC), "26 November 2026, 19:58 UTC");
    }

    #[test]
    fn fields_are_named_as_people_name_them() {
        assert_eq!(named(&[Field::Title]), "the title");
        assert_eq!(
            named(&[Field::Title, Field::When, Field::Location]),
            "the title, the time and the location"
        );
        assert_eq!(named(&[]), "nothing that is shown");
    }
}
