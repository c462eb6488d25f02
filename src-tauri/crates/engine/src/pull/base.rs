//! What both sides of an event have agreed on, as far as it can be told when they meet.

use synodic_model::reconcile::overlay;
use synodic_model::sync::EventSync;
use synodic_model::{Event, EventContent, EventStatus, ExternalId, FieldSet};
use synodic_providers::{Marker, recognise};

use super::plan::Plan;
use crate::edit::series::{occurrence_at, plain_content};
use crate::queue::may_be_there;

impl Plan<'_> {
    /// What `event` and the remote's `content` under `id` have in common; none when neither comes from the other.
    pub(super) fn base(
        &self,
        event: &Event,
        row: Option<&EventSync>,
        id: &ExternalId,
        content: &EventContent,
    ) -> Option<EventContent> {
        let is_gone = self.is_gone(event.id);
        let is_first_meeting = row.is_none_or(|row| row.external_id.is_none());
        let base = match row {
            // What was created from here and deleted here before we heard of its creation was made as we had it, unless
            // it was edited here once more in between; then we cannot tell, and take it for unchanged.
            Some(row) if is_first_meeting && is_gone && may_be_there(row) => {
                let is_as_made = row.local_version.next() == event.revision;
                Some(if is_as_made { event.content.clone() } else { content.clone() })
            }
            None if event.deleted_at.is_some() && self.is_news(event, content) => self.plain_there(event),
            // An occurrence that was edited after its series had left is edited on both sides.
            None if is_gone && (event.deleted_at.is_some() || event.occurrence_of.is_none()) => {
                Some(content.clone())
            }
            // An occurrence that says here what its series says is nobody's edit.
            Some(_) | None if is_first_meeting && !is_gone && self.is_plain(event) => {
                Some(self.invited_there(event))
            }
            Some(row) => row.base.clone(),
            None => None,
        };
        // Where nothing waits to be sent, what the remote says is taken, whoever wrote it.
        let is_edited = row.is_some_and(|row| row.local_version != event.revision);
        let tried = self.terms.in_doubt.get(id).filter(|_| is_edited);
        match (base, tried) {
            (Some(base), Some(tried)) => Some(self.with_own_writes(event, &base, tried, content)),
            (base, _) => base,
        }
    }

    /// What both sides have in common when they meet after a creation whose answer was lost: what the event said when the
    /// remote made it. That may be whatever it has said here since, for nobody remembers what was sent. None when the
    /// remote has it from somebody else.
    pub(super) fn base_of_creation(
        &self,
        event: &Event,
        row: Option<&EventSync>,
        marker: Option<&Marker>,
        content: &EventContent,
    ) -> Option<EventContent> {
        let row = row.filter(|row| may_be_there(row))?;
        let is_ours = marker.is_some_and(|marker| {
            let identity = &marker.identity;
            identity.event_id == event.id
                && identity.link == self.terms.link.id.uuid()
                && identity.incarnation == row.incarnation
        });
        let said = self.rows.said(event.id);
        let mut base = said.first().filter(|_| is_ours)?.clone();
        // Where others invite its guests it was made without them.
        if content.attendees.is_empty() {
            base.attendees.clear();
            base.organizer.clone_from(&content.organizer);
        }
        Some(self.with_own_writes(event, &base, said, content))
    }

    /// Adds to what both sides had agreed on what the remote says since a write of ours whose answer was lost: that is
    /// nobody else's edit. What such a write said and was taken back here since may have been written over there: then
    /// both sides have changed it.
    fn with_own_writes(
        &self,
        event: &Event,
        base: &EventContent,
        tried: &[EventContent],
        remote: &EventContent,
    ) -> EventContent {
        let expressible = self.terms.expressible;
        // Whoever calls an occurrence off writes over all that it says.
        let is_off = event.occurrence_of.is_some() && remote.status == EventStatus::Cancelled;
        let changed = if is_off { expressible } else { FieldSet::differing(expressible, base, remote) };
        let written = tried.iter().fold(FieldSet::NONE, |written, tried| {
            let mut seen = remote.clone();
            recognise(self.terms.provider, &self.terms.link.settings, tried, &mut seen);
            written.union(changed.difference(FieldSet::differing(expressible, tried, &seen)))
        });
        let edited = FieldSet::differing(expressible, base, &event.content);
        let unsure = changed.difference(written).difference(edited);
        let agreed = overlay(base, remote, written);
        tried.iter().fold(agreed, |agreed, tried| {
            overlay(&agreed, tried, unsure.intersection(FieldSet::differing(expressible, base, tried)))
        })
    }

    /// Whether the remote says something of an occurrence that was never said here, so that nobody has deleted it.
    fn is_news(&self, event: &Event, content: &EventContent) -> bool {
        let differs =
            |other: &EventContent| !FieldSet::differing(self.terms.expressible, other, content).is_empty();
        differs(&event.content) && self.plain_there(event).is_some_and(|plain| differs(&plain))
    }

    /// What an occurrence says, with those guests whom the remote's series invites: a copy may invite none of them.
    fn invited_there(&self, event: &Event) -> EventContent {
        let mut content = event.content.clone();
        if let Some(there) = self.plain_there(event) {
            (content.attendees, content.organizer) = (there.attendees, there.organizer);
        }
        content
    }

    /// What the remote's series makes of one of its occurrences.
    fn plain_there(&self, event: &Event) -> Option<EventContent> {
        let key = event.occurrence_of?;
        let series = self.rows.sync(key.series_id)?.base.as_ref()?;
        let occurrence = occurrence_at(series, &key.original_start)?;
        Some(plain_content(series, &occurrence))
    }

    /// Whether the event is an occurrence that says no more than its series says of it.
    fn is_plain(&self, event: &Event) -> bool {
        let Some(key) = event.occurrence_of else { return false };
        let Some(series) = self.rows.event(key.series_id) else { return false };
        occurrence_at(&series.content, &key.original_start).is_some_and(|occurrence| {
            let plain = plain_content(&series.content, &occurrence);
            FieldSet::differing(FieldSet::ALL, &plain, &event.content).is_empty()
        })
    }
}
