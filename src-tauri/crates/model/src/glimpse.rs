//! As much of an event as a view shows of it.
//!
//! A month of a full calendar is thousands of rows, and most of what a row holds is not on the screen: descriptions,
//! guests, what services say beyond our model. It is passed over while a stored content is read, which takes a fraction
//! of the time that reading all of it takes.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::event::{Attendee, Color, EventContent, EventStatus, Reminders, ResponseStatus, Transparency};
use crate::recurrence::Recurrence;
use crate::time::When;

/// Within a service's part of [`EventContent::extras`]: true when the service would refuse our changes.
pub const READ_ONLY: &str = "readOnly";

/// What a view needs of an [`EventContent`], read from the same JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ContentGlimpse {
    /// [`EventContent::title`]
    pub title: String,
    /// [`EventContent::location`]
    #[serde(default)]
    pub location: String,
    /// [`EventContent::when`]
    pub when: When,
    /// [`EventContent::recurrence`]
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// [`EventContent::status`]
    #[serde(default)]
    pub status: EventStatus,
    /// [`EventContent::transparency`]
    #[serde(default)]
    pub transparency: Transparency,
    /// [`EventContent::attendees`]
    #[serde(default)]
    pub attendees: Guests,
    /// [`EventContent::color`]
    #[serde(default)]
    pub color: Option<Color>,
    /// [`EventContent::reminders`]
    #[serde(default)]
    pub reminders: Reminders,
    /// [`EventContent::extras`]
    #[serde(default)]
    pub extras: Marks,
}

/// What a list of attendees comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guests {
    /// Whether anybody is invited.
    pub are_there: bool,
    /// The person's own answer, when they are among them.
    pub own_response: Option<ResponseStatus>,
}

/// What the extras come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Whether some service would refuse our changes.
    pub read_only: bool,
}

impl From<&EventContent> for ContentGlimpse {
    fn from(content: &EventContent) -> Self {
        let mut attendees = Guests::default();
        for Attendee { is_self, response, .. } in &content.attendees {
            attendees.add(*is_self, *response);
        }
        let read_only = content.extras.values().any(|part| part.get(READ_ONLY) == Some(&Value::Bool(true)));
        Self {
            title: content.title.clone(),
            location: content.location.clone(),
            when: content.when,
            recurrence: content.recurrence.clone(),
            status: content.status,
            transparency: content.transparency,
            attendees,
            color: content.color.clone(),
            reminders: content.reminders.clone(),
            extras: Marks { read_only },
        }
    }
}

impl Guests {
    const fn add(&mut self, is_self: bool, response: ResponseStatus) {
        self.are_there = true;
        if is_self && self.own_response.is_none() {
            self.own_response = Some(response);
        }
    }
}

impl<'de> Deserialize<'de> for Guests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Guest {
            #[serde(default)]
            response: ResponseStatus,
            #[serde(default)]
            is_self: bool,
        }

        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Guests;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of attendees")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Guests, A::Error> {
                let mut guests = Guests::default();
                while let Some(guest) = list.next_element::<Guest>()? {
                    guests.add(guest.is_self, guest.response);
                }
                Ok(guests)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Marks;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("what services say, by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Marks, A::Error> {
                let mut marks = Marks::default();
                while let Some((_, Part { read_only })) = parts.next_entry::<IgnoredAny, Part>()? {
                    marks.read_only |= read_only;
                }
                Ok(marks)
            }
        }

        deserializer.deserialize_map(Parts)
    }
}

/// One service's part of the extras, which may be anything.
struct Part {
    read_only: bool,
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// [`READ_ONLY`], or any other name.
        #[derive(Deserialize)]
        #[serde(field_identifier)]
        enum Name {
            #[serde(rename = "readOnly")]
            ReadOnly,
            #[serde(other)]
            Other,
        }

        struct Anything;

        /// Whatever is no object has no marks.
        macro_rules! unmarked {
            ($($visit:ident: $type:ty),*) => {
                $(fn $visit<E>(self, _: $type) -> Result<Part, E> {
                    Ok(Part { read_only: false })
                })*
            };
        }

        impl<'de> Visitor<'de> for Anything {
            type Value = Part;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Part, A::Error> {
                let mut read_only = false;
                while let Some(name) = fields.next_key()? {
                    match name {
                        Name::ReadOnly => read_only = fields.next_value::<Value>()? == Value::Bool(true),
                        Name::Other => drop(fields.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Part { read_only })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Part, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Part { read_only: false })
            }

            fn visit_unit<E>(self) -> Result<Part, E> {
                Ok(Part { read_only: false })
            }

            unmarked!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
        }

        deserializer.deserialize_any(Anything)
    }
}
