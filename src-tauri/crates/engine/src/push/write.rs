//! Which request brings a remote to an event's latest state: a pure function of the rows.

use std::borrow::Cow;

use synodic_model::reconcile::overlay;
use synodic_model::sync::{EventSync, Link};
use synodic_model::{Event, EventContent, EventStatus, ExternalId, FieldSet};
use synodic_providers::{NotifyAttendees, RemoteOccurrence};

use crate::conflict::undecided;
use crate::edit::series::{occurrence_at, plain_content};
use crate::queue::{Origin, may_be_there};

/// What is known of the series that an override belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    /// The event is no override.
    None,
    /// The series is gone here, or was moved to another calendar, and the remote has still to hear of it.
    Going,
    /// The series is gone, here and at the remote.
    Gone,
    /// The remote does not have the series yet.
    Unsent,
    /// The remote has the series, but not this occurrence of it before the person has decided when it takes place.
    Undecided,
    /// The remote has it.
    There {
        /// Its id there.
        id: ExternalId,
        /// What it says here, but for what the person still has to decide about.
        content: Box<EventContent>,
    },
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// Nothing: the remote has it all, or does not want to hear of it.
    Nothing,
    /// Nothing, and the remote has nothing left of the event either.
    Forget,
    /// Nothing yet: the series goes first.
    AwaitSeries,
    /// A creation.
    Create {
        /// Set on an override.
        occurrence_of: Option<RemoteOccurrence>,
    },
    /// A change.
    Update {
        /// Which.
        id: ExternalId,
        /// What it shall hold.
        desired: Box<EventContent>,
    },
    /// A deletion.
    Delete {
        /// Which.
        id: ExternalId,
    },
    /// A move from another calendar of the account.
    Move {
        /// Where it is.
        origin: Origin,
    },
    /// Nothing yet: the event left this calendar, and is deleted here once it is safe in the other one.
    AwaitCopy,
    /// Nothing: the series does not have the occurrence any more.
    Orphan,
    /// A creation whose answer was lost: repeated to learn what it made, for that is to be deleted.
    Recover,
}

/// An event as the replica has it, with its row at one link.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) event: Option<Event>,
    pub(crate) sync: Option<EventSync>,
    pub(crate) series: Series,
    /// Whether a creation may have reached the remote without our knowing.
    pub(crate) may_be_there: bool,
    /// Where else the service has it, when it is to be moved from there.
    pub(crate) origin: Option<Origin>,
    /// What becomes of it at the calendar that it is in now, when that is not this link's.
    pub(crate) elsewhere: Elsewhere,
    /// Whether its guests are invited over another link, so that the remote has a copy that invites nobody.
    pub(crate) is_copy: bool,
}

/// How an event that has left this link's calendar stands at the one that it is in now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// It has not left, or is safe where it is now.
    #[default]
    Settled,
    /// It is still to be made there.
    Unsent,
    /// The service is to move it there, from here.
    MovesFromHere,
}

impl Subject {
    /// Whether it is on the disk that a creation may reach the remote.
    pub(crate) fn is_noted(&self) -> bool {
        self.sync.as_ref().is_none_or(may_be_there)
    }

    /// Whether the remote shall have the event: it is alive, and in the calendar that the link is for.
    pub(crate) fn is_wanted(&self, link: &Link) -> bool {
        self.event.as_ref().is_some_and(|event| {
            event.deleted_at.is_none()
                && event.calendar_id == link.calendar_id
                && !matches!(self.series, Series::Going | Series::Gone)
        })
    }

    /// What the remote is to hold of `content`: of guests that are invited from elsewhere it keeps what it says.
    pub(super) fn told<'a>(&self, content: &'a EventContent) -> Cow<'a, EventContent> {
        if !self.is_copy {
            return Cow::Borrowed(content);
        }
        let base = self.sync.as_ref().and_then(|row| row.base.as_ref());
        Cow::Owned(EventContent {
            attendees: base.map(|base| base.attendees.clone()).unwrap_or_default(),
            organizer: base.and_then(|base| base.organizer.clone()),
            ..content.clone()
        })
    }

    /// Who is to be told of an edit, when the person wishes so.
    pub(super) const fn notify(&self, wish: NotifyAttendees) -> NotifyAttendees {
        if self.is_copy { NotifyAttendees::Nobody } else { wish }
    }

    /// Whether it is an occurrence that says no more than the series makes of it at the remote.
    pub(crate) fn is_plain(&self) -> bool {
        let (Some(event), Series::There { content, .. }) = (&self.event, &self.series) else { return false };
        let occurrence = event.occurrence_of.and_then(|key| occurrence_at(content, &key.original_start));
        occurrence.is_some_and(|occurrence| {
            let plain = plain_content(content, &occurrence);
            FieldSet::differing(FieldSet::ALL, &plain, &event.content).is_empty()
        })
    }

    /// Whether the remote has called the occurrence off, and it shall take place.
    pub(crate) fn brings_back(&self) -> bool {
        let is_called_off = |content: &EventContent| content.status == EventStatus::Cancelled;
        self.event.as_ref().is_some_and(|event| {
            event.occurrence_of.is_some()
                && event.deleted_at.is_none()
                && !is_called_off(&event.content)
                && self.sync.as_ref().and_then(|row| row.base.as_ref()).is_some_and(is_called_off)
        })
    }

    /// Decides what is to be sent.
    pub(crate) fn write(&self, link: &Link, expressible: FieldSet) -> Write {
        let Some(event) = &self.event else { return Write::Forget };
        if !link.direction.pushes() {
            return Write::Nothing;
        }
        let external = self.sync.as_ref().and_then(|row| row.external_id.clone());
        if self.is_wanted(link) {
            return match external {
                Some(id) => {
                    let desired = decided(self.sync.as_ref(), &event.content);
                    self.update(id, &desired, expressible)
                }
                None => self.create(event),
            };
        }
        match (self.elsewhere, external) {
            (Elsewhere::MovesFromHere, _) => Write::Nothing,
            (Elsewhere::Unsent, Some(_)) => Write::AwaitCopy,
            (_, Some(id)) => self.delete(id, event, expressible),
            (_, None) if self.may_be_there && self.series == Series::None => match &self.origin {
                // Whether it was moved is found out by moving it.
                Some(origin) => Write::Move { origin: origin.clone() },
                None => Write::Recover,
            },
            (_, None) => Write::Forget,
        }
    }

    fn create(&self, event: &Event) -> Write {
        if let Some(origin) = &self.origin {
            return Write::Move { origin: origin.clone() };
        }
        let occurrence_of = match (&self.series, &event.occurrence_of) {
            (Series::None, _) | (_, None) => None,
            (Series::Going | Series::Gone, _) => return Write::Forget,
            (Series::Unsent | Series::Undecided, _) => return Write::AwaitSeries,
            (Series::There { content, .. }, Some(key))
                if occurrence_at(content, &key.original_start).is_none() =>
            {
                return Write::Orphan;
            }
            (Series::There { id, .. }, Some(key)) => {
                Some(RemoteOccurrence { series: id.clone(), original_start: key.original_start })
            }
        };
        Write::Create { occurrence_of }
    }

    fn update(&self, id: ExternalId, desired: &EventContent, expressible: FieldSet) -> Write {
        let base = self.sync.as_ref().and_then(|row| row.base.as_ref());
        let desired = self.told(desired);
        if base.is_some_and(|base| FieldSet::differing(expressible, base, &desired).is_empty()) {
            return Write::Nothing;
        }
        Write::Update { id, desired: Box::new(desired.into_owned()) }
    }

    /// An override that is gone lets the occurrence be again what the series makes of it, and goes with the series when
    /// that goes: at a service, deleting an override would call the occurrence off instead.
    fn delete(&self, id: ExternalId, event: &Event, expressible: FieldSet) -> Write {
        match (&self.series, &event.occurrence_of) {
            (Series::None, _) | (_, None) => Write::Delete { id },
            // It may come back with its series as long as that is there.
            (Series::Going | Series::Undecided, _) => Write::AwaitSeries,
            (Series::Gone | Series::Unsent, _) => Write::Forget,
            (Series::There { content, .. }, Some(key)) => match occurrence_at(content, &key.original_start) {
                None => Write::Delete { id },
                Some(occurrence) => {
                    let plain =
                        EventContent { when: occurrence.when, recurrence: None, ..(**content).clone() };
                    match self.update(id, &plain, expressible) {
                        Write::Nothing => Write::Forget,
                        other => other,
                    }
                }
            },
        }
    }
}

/// The content without what the person still has to decide about: there the remote keeps its own.
pub(super) fn decided(sync: Option<&EventSync>, content: &EventContent) -> EventContent {
    match sync.and_then(|row| Some((row, row.base.as_ref()?))) {
        Some((row, base)) => overlay(content, base, undecided(row, content)),
        None => content.clone(),
    }
}

impl Write {
    /// Whether it takes away what others may have said meanwhile of single occurrences: the version that it carries
    /// speaks for the series alone.
    pub(crate) fn is_sweeping(&self, subject: &Subject) -> bool {
        let is_series = subject.event.as_ref().is_some_and(|event| event.content.recurrence.is_some());
        let goes_with_it =
            subject.series == Series::Going && !matches!(self, Self::Nothing | Self::AwaitCopy);
        matches!(self, Self::Delete { .. }) && is_series || goes_with_it
    }
}

#[cfg(test)]
mod tests;
