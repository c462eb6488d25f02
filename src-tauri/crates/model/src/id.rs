//! Identifiers, one type each, so that an event's id can never be handed to something that wants a link's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was made elsewhere; this crate has no source of chance of its own.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// A row of the replica's `event` table: a single event, a series' master, or one overridden occurrence.
    EventId
}
uuid_id! {
    /// A local calendar.
    CalendarId
}
uuid_id! {
    /// One connected account at one provider.
    IntegrationId
}
uuid_id! {
    /// The tie between a local calendar and a remote one.
    LinkId
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// Takes the provider's text as it came; it is opaque to us.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The provider's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

text_id! {
    /// A provider's id of a collection: a Google calendar id, a Notion data source id, a CalDAV collection's path.
    RemoteCalendarId
}
text_id! {
    /// A provider's id of an event within a remote calendar.
    ExternalId
}
text_id! {
    /// A provider's mark of one state of an event (Google and CalDAV: the `ETag`, quotes included).
    RemoteVersion
}

/// Counts the local edits of one event; every local write makes it one larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Revision(pub i64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A row of the outbox (`sync_queue`), in the order in which rows were put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct QueueId(pub i64);
