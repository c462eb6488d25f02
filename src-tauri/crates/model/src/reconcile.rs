//! The decision at the heart of the program: what follows from (base, local, remote).
//!
//! [`reconcile`] compares two versions of one event with the state on which they last agreed, within the fields that
//! the provider can express, and says what is to become of either side. It is the table of the architecture page as a
//! function; it changes nothing itself.
//!
//! | local vs base | remote vs base | result |
//! | --- | --- | --- |
//! | same | same | [`Decision::Nothing`] |
//! | same | changed | [`Decision::TakeRemote`] |
//! | changed | same | [`Decision::KeepLocal`]: the queue carries it out |
//! | changed | changed, other fields | [`Decision::Merge`] without a conflict |
//! | changed | changed, to the same values | [`Decision::Agree`] |
//! | changed | changed, otherwise | [`Decision::Merge`]; what cannot be combined is a conflict, and the policy chooses |
//! | deleted | changed, or the reverse | the edit survives: [`Decision::RestoreLocal`], [`Decision::RestoreRemote`] |
//! | deleted | same, or the reverse | [`Decision::DeleteRemote`], [`Decision::DeleteLocal`] |
//! | deleted | deleted | [`Decision::Forget`] |
//!
//! When both meet for the first time there is no base. Where only one of them says something the other side learns it;
//! where both say different things the policy decides and it is a conflict. A deletion is then a deletion of something
//! else than what is there now, so that what exists survives.
//!
//! # The time and the rule are one thing
//!
//! “Mondays at ten” moved to Tuesday here and turned into a fortnightly series there must not become a series whose
//! start its rule does not yield. So where both sides have touched [`Field::When`] or [`Field::Recurrence`], both fields
//! come from one side: from the side whose choice loses nothing, if there is one, and else from the one that the policy
//! names.
//!
//! # Changes that do not exclude each other
//!
//! Guests, reminders and the single dates of a series are sets, and a description is lines: what one side adds and what
//! the other takes away are both kept, and nothing is lost.
//!
//! # What the provider alone knows
//!
//! [`EventContent::extras`] never cause a decision. Wherever a decision carries a content, the extras in it are up to
//! date with the remote's; [`take_extras`] does the same for a caller that stores the event after [`Decision::Nothing`],
//! [`Decision::KeepLocal`] or [`Decision::Agree`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::combine::combine;
use crate::event::{EventContent, EventStatus, Field, FieldSet, Reminders, Transparency, Visibility};

/// One side of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<'a> {
    /// It exists with this content.
    Present(&'a EventContent),
    /// It was deleted.
    Deleted,
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The last state on which both agreed; none when they meet for the first time.
    pub base: Option<&'a EventContent>,
    /// The replica's side.
    pub local: Side<'a>,
    /// The remote's side, as the provider returned it.
    pub remote: Side<'a>,
    /// The fields that the provider can express; all others stay as they are here.
    pub expressible: FieldSet,
    /// Who wins where both changed the same field.
    pub policy: Policy,
    /// When the local side was last edited, corrected for clock skew by the caller.
    pub local_edited_at: DateTime<Utc>,
    /// When the remote says that its side was last edited.
    pub remote_edited_at: Option<DateTime<Utc>>,
}

/// Who wins where both sides changed the same field to different values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Policy {
    /// The later edit; the remote when it cannot be told.
    #[default]
    LastWriteWins,
    /// Nobody before the person has decided: both sides keep their own.
    Ask,
    /// The replica.
    PreferLocal,
    /// The remote.
    PreferRemote,
}

/// What is to become of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Both are as they were: an echo of our own write, or an unrelated change.
    Nothing,
    /// The replica becomes `content`; nothing is sent.
    TakeRemote {
        /// The replica's content with the remote's changes in it.
        content: EventContent,
    },
    /// Only the replica changed; what is queued brings the remote up to it.
    KeepLocal,
    /// Both made the same change; the new base is the remote's state.
    Agree,
    /// Both changed. The replica becomes `content`, and `push` is to be sent when it is not empty.
    Merge {
        /// The merged content.
        content: EventContent,
        /// Fields in which the remote has to follow; those that wait for a decision ([`Policy::Ask`]) do not.
        push: FieldSet,
        /// Fields in which one side lost, or would; the caller keeps both sides. Empty when nothing was lost.
        conflicting: FieldSet,
    },
    /// The remote deleted what nobody edited here: delete it here.
    DeleteLocal,
    /// Deleted here, unchanged there: the queue deletes it there.
    DeleteRemote,
    /// Deleted here but edited there: it comes back here as `content`; a conflict to show.
    RestoreLocal {
        /// The remote's edited content over the base. What the provider cannot express is as the base has it; a
        /// caller that still holds the deleted row puts `expressible` of this into that with [`overlay`].
        content: EventContent,
    },
    /// Deleted there but edited here: it is created there again; a conflict to show.
    RestoreRemote,
    /// Deleted on both sides: the row that ties them can go.
    Forget,
}

/// Decides what is to become of both sides of one event.
#[must_use]
pub fn reconcile(question: &Question<'_>) -> Decision {
    match (question.local, question.remote) {
        (Side::Deleted, Side::Deleted) => Decision::Forget,
        (Side::Deleted, Side::Present(remote)) => deleted_here(question, remote),
        (Side::Present(local), Side::Deleted) => deleted_there(question, local),
        (Side::Present(local), Side::Present(remote)) => match question.base {
            Some(base) => both_present(question, base, local, remote),
            None => first_meeting(question, local, remote),
        },
    }
}

/// Puts the fields `among` of `from` into a copy of `onto`, which is left as it is in all others.
#[must_use]
pub fn overlay(onto: &EventContent, from: &EventContent, among: FieldSet) -> EventContent {
    let mut content = onto.clone();
    among.iter().for_each(|field| field.copy(from, &mut content));
    content
}

/// Brings the extras in `content` up to date with those of the remote, whose provider's extras alone are in `remote`
/// and in `base`; what other providers left stays.
pub fn take_extras(content: &mut EventContent, base: Option<&EventContent>, remote: &EventContent) {
    if let Some(base) = base {
        content.extras.retain(|provider, _| {
            !base.extras.contains_key(provider) || remote.extras.contains_key(provider)
        });
    }
    content.extras.extend(remote.extras.iter().map(|(provider, extras)| (provider.clone(), extras.clone())));
}

fn deleted_here(question: &Question<'_>, remote: &EventContent) -> Decision {
    match question.base {
        Some(base) if FieldSet::differing(question.expressible, base, remote).is_empty() => {
            Decision::DeleteRemote
        }
        Some(base) => {
            Decision::RestoreLocal { content: question.overlay_remote(base, remote, question.expressible) }
        }
        None => Decision::RestoreLocal { content: remote.clone() },
    }
}

fn deleted_there(question: &Question<'_>, local: &EventContent) -> Decision {
    match question.base {
        Some(base) if FieldSet::differing(question.expressible, base, local).is_empty() => {
            Decision::DeleteLocal
        }
        Some(_) => Decision::RestoreRemote,
        // It was never there: the queue is about to create it.
        None => Decision::KeepLocal,
    }
}

fn both_present(
    question: &Question<'_>,
    base: &EventContent,
    local: &EventContent,
    remote: &EventContent,
) -> Decision {
    let changed_here = FieldSet::differing(question.expressible, base, local);
    let changed_there = FieldSet::differing(question.expressible, base, remote);
    match (changed_here.is_empty(), changed_there.is_empty()) {
        (true, true) => Decision::Nothing,
        (true, false) => {
            Decision::TakeRemote { content: question.overlay_remote(local, remote, changed_there) }
        }
        (false, true) => Decision::KeepLocal,
        (false, false) => question.merge(local, remote, changed_here, changed_there),
    }
}

/// Without a base, what a side says counts as its change, unless it says nothing and the other something.
fn first_meeting(question: &Question<'_>, local: &EventContent, remote: &EventContent) -> Decision {
    let differing = FieldSet::differing(question.expressible, local, remote);
    let said_here: FieldSet = differing.iter().filter(|field| !is_blank(*field, local)).collect();
    let said_there: FieldSet = differing.iter().filter(|field| !is_blank(*field, remote)).collect();
    if said_here.is_empty() && !differing.is_empty() {
        return Decision::TakeRemote { content: question.overlay_remote(local, remote, differing) };
    }
    question.merge(local, remote, said_here, said_there)
}

/// Whether the field says no more than an event says by default.
fn is_blank(field: Field, content: &EventContent) -> bool {
    match field {
        Field::Title => content.title.is_empty(),
        Field::Description => content.description.is_empty(),
        Field::Location => content.location.is_empty(),
        Field::When => false,
        Field::Recurrence => content.recurrence.is_none(),
        Field::Status => content.status == EventStatus::default(),
        Field::Transparency => content.transparency == Transparency::default(),
        Field::Visibility => content.visibility == Visibility::default(),
        Field::Reminders => content.reminders == Reminders::default(),
        Field::Attendees => content.attendees.is_empty(),
        Field::Organizer => content.organizer.is_none(),
        Field::ConferenceUrl => content.conference_url.is_none(),
        Field::Color => content.color.is_none(),
        Field::Url => content.url.is_none(),
    }
}

/// Fields that come from one side together where both sides have touched one of them.
const COUPLED: FieldSet = FieldSet::NONE.with(Field::When).with(Field::Recurrence);

impl Question<'_> {
    fn overlay_remote(&self, onto: &EventContent, remote: &EventContent, among: FieldSet) -> EventContent {
        let mut content = overlay(onto, remote, among);
        take_extras(&mut content, self.base, remote);
        content
    }

    fn merge(
        &self,
        local: &EventContent,
        remote: &EventContent,
        changed_here: FieldSet,
        changed_there: FieldSet,
    ) -> Decision {
        let differing = FieldSet::differing(self.expressible, local, remote);
        if differing.is_empty() {
            return Decision::Agree;
        }
        let mut taken = FieldSet::NONE;
        let mut conflicting = FieldSet::NONE;
        let mut combined = local.clone();
        let mut combines = FieldSet::NONE;
        let coupled = differing.intersection(COUPLED);
        let singles = differing
            .iter()
            .filter(|field| !coupled.contains(*field))
            .map(|field| FieldSet::NONE.with(field));
        for unit in singles.chain([coupled]) {
            // Where a side has the other's value already, its change is not lost with it.
            let lost_here = changed_here.intersection(unit);
            let lost_there = changed_there.intersection(unit);
            let is_disputed = !lost_here.is_empty() && !lost_there.is_empty();
            if is_disputed && self.combine(unit, local, remote, &mut combined) {
                combines = combines.union(unit);
                continue;
            }
            let remote_wins = lost_here.is_empty() || is_disputed && self.remote_wins();
            if remote_wins {
                taken = taken.union(unit);
            }
            if is_disputed {
                conflicting = conflicting.union(match self.policy {
                    Policy::Ask => unit,
                    _ if remote_wins => lost_here,
                    _ => lost_there,
                });
            }
        }
        let content = self.overlay_remote(local, remote, taken);
        let content = overlay(&content, &combined, combines);
        let mut push = FieldSet::differing(self.expressible, &content, remote);
        if self.policy == Policy::Ask {
            push = conflicting.iter().fold(push, FieldSet::without);
        }
        Decision::Merge { content, push, conflicting }
    }

    /// Puts both changes of a field into `combined`, if they do not exclude each other.
    fn combine(
        &self,
        unit: FieldSet,
        local: &EventContent,
        remote: &EventContent,
        combined: &mut EventContent,
    ) -> bool {
        let mut fields = unit.iter();
        match (self.base, fields.next(), fields.next()) {
            (Some(base), Some(field), None) => combine(field, base, local, remote, combined),
            _ => false,
        }
    }

    fn remote_wins(&self) -> bool {
        match self.policy {
            Policy::LastWriteWins => {
                self.remote_edited_at.is_none_or(|remote| self.local_edited_at <= remote)
            }
            Policy::PreferLocal | Policy::Ask => false,
            Policy::PreferRemote => true,
        }
    }
}
