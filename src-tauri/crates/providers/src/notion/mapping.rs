//! Which property of a data source holds which part of an event: what a person chose when linking, kept with the link.
//!
//! Properties are named by their ids, so that renaming one in Notion breaks nothing; the names are here for showing
//! only, as they were when somebody last looked.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use synodic_model::{Field, FieldSet};
use ts_rs::TS;

/// How long an event lasts whose page says only when it begins, unless the person chose otherwise.
pub const DEFAULT_MINUTES: u32 = 60;
/// The most occurrences of one series that are kept as pages of their own.
pub const UPCOMING_LIMIT: u32 = 50;

/// What a property can be for: a field of an event, or one of the two things that the program itself needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The page's title.
    Title,
    /// When the event takes place.
    When,
    /// The description.
    Description,
    /// Where it takes place.
    Location,
    /// Whether it takes place.
    Status,
    /// Whether it blocks time.
    Transparency,
    /// Who is invited.
    Attendees,
    /// A link.
    Url,
    /// Where to join by video or phone.
    ConferenceUrl,
    /// How the event repeats.
    Recurrence,
    /// Our own mark: which event a page is, so that a creation whose answer was lost is found again.
    Marker,
    /// The series that an occurrence's page belongs to.
    Series,
}

impl Slot {
    /// Every slot, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Title,
        Self::When,
        Self::Description,
        Self::Location,
        Self::Status,
        Self::Transparency,
        Self::Attendees,
        Self::Url,
        Self::ConferenceUrl,
        Self::Recurrence,
        Self::Marker,
        Self::Series,
    ];

    /// The field of an event that it holds; none for what only the program needs.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::Title => Some(Field::Title),
            Self::When => Some(Field::When),
            Self::Description => Some(Field::Description),
            Self::Location => Some(Field::Location),
            Self::Status => Some(Field::Status),
            Self::Transparency => Some(Field::Transparency),
            Self::Attendees => Some(Field::Attendees),
            Self::Url => Some(Field::Url),
            Self::ConferenceUrl => Some(Field::ConferenceUrl),
            Self::Recurrence => Some(Field::Recurrence),
            Self::Marker | Self::Series => None,
        }
    }
}

/// The type of a property, as Notion names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PropertyKind {
    /// The one title.
    Title,
    /// Text with formatting.
    RichText,
    /// A date, a time, or a range of either.
    Date,
    /// One of several options.
    Select,
    /// Any of several options.
    MultiSelect,
    /// One of several options in groups.
    Status,
    /// A box to tick.
    Checkbox,
    /// An address on the web.
    Url,
    /// An address of a person.
    Email,
    /// Members of the workspace.
    People,
    /// A number.
    Number,
    /// A place on the map.
    Place,
    /// Pages of a data source.
    Relation,
    /// Computed from the page itself.
    Formula,
    /// Computed from related pages.
    Rollup,
    /// When the page was made.
    CreatedTime,
    /// When it was last changed.
    LastEditedTime,
    /// Anything else, also what Notion invents tomorrow.
    #[serde(other)]
    Other,
}

impl PropertyKind {
    /// The type that Notion names so.
    #[must_use]
    pub fn named(name: &str) -> Self {
        serde_json::from_value(Value::String(name.to_owned())).unwrap_or(Self::Other)
    }

    /// Whether Notion alone decides what it says.
    #[must_use]
    pub const fn is_computed(self) -> bool {
        matches!(self, Self::Formula | Self::Rollup | Self::CreatedTime | Self::LastEditedTime)
    }
}

/// A property as the mapping knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Property {
    /// Its id, just as Notion wrote it (percent-encoded where Notion does that).
    pub id: String,
    /// Its name when somebody last looked.
    pub name: String,
    /// Its type.
    pub kind: PropertyKind,
    /// Of options and boxes: what each says in our words, by the option's id; `checked` and `unchecked` of a box.
    #[serde(default)]
    pub meanings: BTreeMap<String, Meaning>,
}

/// What an option says in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Takes place.
    Confirmed,
    /// May take place.
    Tentative,
    /// Called off.
    Cancelled,
    /// Blocks time.
    Busy,
    /// Does not.
    Free,
}

/// Where something is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Holder {
    /// In a property.
    Property {
        /// Which.
        property: Property,
    },
    /// In the page itself, below its properties. For the description only.
    PageBody,
}

/// All that was agreed with the person about one link to a data source; [`synodic_model::sync::Link::settings`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mapping {
    /// What holds what. What is not named stays in the replica.
    pub slots: BTreeMap<Slot, Holder>,
    /// How long an event lasts whose page says only when it begins.
    #[serde(default = "default_minutes")]
    pub default_minutes: u32,
    /// The IANA zone of times of which Notion tells no more than the offset.
    #[serde(default = "utc")]
    pub zone: String,
    /// How many of the next occurrences of each series are kept as pages of their own; none when 0.
    #[serde(default)]
    pub upcoming: u32,
}

const fn default_minutes() -> u32 {
    DEFAULT_MINUTES
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Mapping {
    /// Nothing is mapped yet.
    #[must_use]
    pub fn empty(zone: Tz) -> Self {
        Self {
            slots: BTreeMap::new(),
            default_minutes: DEFAULT_MINUTES,
            zone: zone.name().to_owned(),
            upcoming: 0,
        }
    }

    /// Reads the settings of a link; a link without any maps nothing.
    #[must_use]
    pub fn of(settings: &Value) -> Self {
        serde_json::from_value(settings.clone()).unwrap_or_else(|_| Self::empty(Tz::UTC))
    }

    /// What is kept with the link.
    #[must_use]
    pub fn to_settings(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    /// The property that holds `slot`.
    #[must_use]
    pub fn property(&self, slot: Slot) -> Option<&Property> {
        match self.slots.get(&slot) {
            Some(Holder::Property { property }) => Some(property),
            Some(Holder::PageBody) | None => None,
        }
    }

    /// Whether the description is the page itself.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.slots.get(&Slot::Description) == Some(&Holder::PageBody)
    }

    /// The fields of an event that have a place in Notion.
    #[must_use]
    pub fn fields(&self) -> FieldSet {
        let mapped = self.slots.keys().filter_map(|slot| slot.field());
        mapped.chain([Field::Title]).collect()
    }

    /// Whether Notion alone decides when events take place, so that nothing can be sent there.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.property(Slot::When).is_some_and(|property| property.kind.is_computed())
    }

    /// The zone of times of which Notion tells no more than the offset.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// The fields whose place is another one in `other`.
    #[must_use]
    pub fn moved(&self, other: &Self) -> FieldSet {
        let place = |mapping: &Self, slot| match mapping.slots.get(&slot) {
            Some(Holder::Property { property }) => {
                Some((Some(property.id.clone()), Some(property.kind), property.meanings.clone()))
            }
            Some(Holder::PageBody) => Some((None, None, BTreeMap::new())),
            None => None,
        };
        let moved = Slot::ALL.into_iter().filter(|slot| place(self, *slot) != place(other, *slot));
        moved.filter_map(Slot::field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(id: &str, kind: PropertyKind) -> Holder {
        let property = Property { id: id.to_owned(), name: String::new(), kind, meanings: BTreeMap::new() };
        Holder::Property { property }
    }

    #[test]
    fn settings_come_back_as_they_were() {
        let mut mapping = Mapping::empty(chrono_tz::Europe::Berlin);
        mapping.slots.insert(Slot::When, property("a%3Ab", PropertyKind::Date));
        mapping.slots.insert(Slot::Description, Holder::PageBody);
        assert_eq!(Mapping::of(&mapping.to_settings()), mapping);
        assert_eq!(Mapping::of(&Value::Null), Mapping::empty(Tz::UTC));
    }

    #[test]
    fn a_type_that_nobody_knows_yet_is_another_one() {
        assert_eq!(PropertyKind::named("rich_text"), PropertyKind::RichText);
        assert_eq!(PropertyKind::named("hologram"), PropertyKind::Other);
    }

    #[test]
    fn a_new_name_moves_nothing_but_a_new_place_does() {
        let mut mapping = Mapping::empty(Tz::UTC);
        mapping.slots.insert(Slot::Location, property("abc", PropertyKind::RichText));
        let mut other = mapping.clone();
        if let Some(Holder::Property { property }) = other.slots.get_mut(&Slot::Location) {
            property.name = "Ort".to_owned();
        }
        assert!(mapping.moved(&other).is_empty());
        other.slots.insert(Slot::Location, property("xyz", PropertyKind::RichText));
        other.slots.insert(Slot::Url, property("url", PropertyKind::Url));
        let moved = mapping.moved(&other);
        assert_eq!(moved, [Field::Location, Field::Url].into_iter().collect());
    }
}
