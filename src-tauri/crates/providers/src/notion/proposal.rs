//! Which property could hold what: a proposal for the person to correct, made from types and names.
//!
//! A pure function of the schema. Names are looked at in the languages that calendars are kept in most; a name that is
//! not understood is no obstacle, for the type says what is possible and the person has the last word.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::mapping::{Holder, Mapping, Meaning, Property, PropertyKind, Slot};
use super::schema::{DataSource, Schema, SchemaProperty};

mod words;

use self::words::{folded, hinted, meaning_of};

/// A proposal for one data source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MappingProposal {
    /// The data source.
    pub source: DataSource,
    /// Each thing that can be held, in the order in which it is shown.
    pub slots: Vec<SlotProposal>,
    /// What is chosen so far, ready to be agreed to.
    pub mapping: Mapping,
    /// Why the data source cannot be linked like this, and what would help.
    pub problem: Option<String>,
    /// What the person should know before.
    pub warnings: Vec<String>,
}

/// What could hold one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlotProposal {
    /// What is to be held.
    pub slot: Slot,
    /// What is chosen; nothing when it stays in the replica.
    pub chosen: Option<Holder>,
    /// Why, or why nothing is.
    pub reason: String,
    /// All that could be chosen, best first.
    pub candidates: Vec<Candidate>,
    /// The name under which Synodic can create a property for it; none when it cannot.
    pub creatable_as: Option<String>,
}

/// One thing that could be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Candidate {
    /// Where it would be held.
    pub holder: Holder,
    /// Whether Notion alone decides what it says.
    pub read_only: bool,
    /// What speaks against it, or has to be known.
    pub note: Option<String>,
}

/// Proposes a mapping for a data source that is not linked yet.
#[must_use]
pub fn propose(schema: &Schema, zone: Tz) -> MappingProposal {
    let mut mapping = Mapping::empty(zone);
    let mut taken = BTreeSet::new();
    for slot in Slot::ALL {
        let best = ranked(schema, slot)
            .into_iter()
            .find(|ranked| ranked.is_likely && !taken.contains(ranked.property.id.as_str()));
        if let Some(best) = best {
            taken.insert(best.property.id.as_str());
            mapping.slots.insert(slot, held_by(best.property, slot));
        }
    }
    examine(schema, mapping)
}

/// Holds a mapping against a data source as it is now: names are brought up to date, and what is no longer possible is
/// said. What is missing stays in the mapping, so that an undone deletion in Notion undoes itself here.
#[must_use]
pub fn examine(schema: &Schema, mut mapping: Mapping) -> MappingProposal {
    let mut warnings = Vec::new();
    for (slot, holder) in &mut mapping.slots {
        let Holder::Property { property } = holder else { continue };
        match schema.property(&property.id) {
            None => warnings.push(format!(
                "The property “{}” is gone from Notion, so {} is not kept in step. Choose another one.",
                property.name,
                spoken(*slot)
            )),
            Some(there) if there.kind != property.kind => warnings.push(format!(
                "The property “{}” has another type now, so {} is not kept in step. Choose another one.",
                there.name,
                spoken(*slot)
            )),
            Some(there) => {
                property.name.clone_from(&there.name);
                for option in &there.options {
                    if let Some(meaning) = meaning_of(*slot, option) {
                        property.meanings.entry(option.id.clone()).or_insert(meaning);
                    }
                }
            }
        }
    }
    warnings.extend(general_warnings(schema, &mapping));
    let slots = Slot::ALL.map(|slot| slot_proposal(schema, &mapping, slot)).into();
    let problem = problem(schema, &mapping);
    MappingProposal { source: schema.source.clone(), slots, mapping, problem, warnings }
}

/// How a property holds `slot`, with what its options mean.
#[must_use]
pub fn held_by(property: &SchemaProperty, slot: Slot) -> Holder {
    let meanings = if property.kind == PropertyKind::Checkbox {
        checkbox_meanings(property)
    } else {
        let meant = property.options.iter();
        meant.filter_map(|option| Some((option.id.clone(), meaning_of(slot, option)?))).collect()
    };
    Holder::Property {
        property: Property {
            id: property.id.clone(),
            name: property.name.clone(),
            kind: property.kind,
            meanings,
        },
    }
}

fn slot_proposal(schema: &Schema, mapping: &Mapping, slot: Slot) -> SlotProposal {
    let ranked = ranked(schema, slot);
    let chosen = mapping.slots.get(&slot).cloned();
    let reason = match &chosen {
        Some(Holder::PageBody) => "Each page's own text is read with a request of its own.".to_owned(),
        Some(Holder::Property { property }) => match schema.property(&property.id) {
            Some(there) if there.kind == property.kind => reason_for(there, slot),
            _ => format!("“{}” is not there any more.", property.name),
        },
        None if ranked.is_empty() => "No property can hold it.".to_owned(),
        None => "No property is clearly meant for it.".to_owned(),
    };
    let mut candidates: Vec<_> = ranked
        .iter()
        .map(|ranked| Candidate {
            holder: held_by(ranked.property, slot),
            read_only: ranked.property.kind.is_computed(),
            note: note_on(ranked.property),
        })
        .collect();
    if slot == Slot::Description {
        candidates.push(Candidate {
            holder: Holder::PageBody,
            read_only: false,
            note: Some("Each page is read with a request of its own, three a second.".to_owned()),
        });
    }
    SlotProposal { slot, chosen, reason, candidates, creatable_as: creatable_as(schema, slot) }
}

fn reason_for(property: &SchemaProperty, slot: Slot) -> String {
    if hinted(&property.name, slot) > 0 {
        format!("“{}” fits by its name and type.", property.name)
    } else {
        format!("“{}” fits by its type.", property.name)
    }
}

fn note_on(property: &SchemaProperty) -> Option<String> {
    match property.kind {
        PropertyKind::Formula | PropertyKind::Rollup => Some(
            "Notion computes it, so events can only be read, and a change is seen late: Notion does not tell of it."
                .to_owned(),
        ),
        PropertyKind::CreatedTime | PropertyKind::LastEditedTime => {
            Some("Notion sets it, so events can only be read.".to_owned())
        }
        PropertyKind::People => {
            Some("Only members of the workspace can stand there; they are read, never written.".to_owned())
        }
        _ => None,
    }
}

fn problem(schema: &Schema, mapping: &Mapping) -> Option<String> {
    if schema.in_trash {
        return Some("The database is in Notion's trash. Restore it there first.".to_owned());
    }
    let when = mapping.property(Slot::When);
    match when.map(|property| schema.property(&property.id)) {
        Some(Some(_)) => None,
        Some(None) => Some("The property that held the date is gone. Choose another one.".to_owned()),
        None if schema.properties.iter().any(|property| property.kind == PropertyKind::Date) => {
            Some("Choose the property that says when an event takes place.".to_owned())
        }
        None => Some(
            "This database has no date, so its pages cannot be events. Let Synodic create the property “Date”."
                .to_owned(),
        ),
    }
}

fn general_warnings(schema: &Schema, mapping: &Mapping) -> Vec<String> {
    let mut warnings = Vec::new();
    if mapping.is_read_only() {
        warnings.push(
            "The date is computed by Notion, so the calendar is only read and a change may be seen late."
                .to_owned(),
        );
    }
    let title = schema.properties.iter().find(|property| property.kind == PropertyKind::Title);
    let rival = schema
        .properties
        .iter()
        .find(|property| property.kind == PropertyKind::RichText && hinted(&property.name, Slot::Title) == 2);
    if let (Some(title), Some(rival)) = (title, rival)
        && mapping.property(Slot::Title).is_some_and(|property| property.id == title.id)
    {
        warnings.push(format!(
            "“{}” and “{}” both look like titles; events take theirs from “{}”.",
            title.name, rival.name, title.name
        ));
    }
    let dates: Vec<_> =
        schema.properties.iter().filter(|property| property.kind == PropertyKind::Date).collect();
    if let (Some(when), true) = (mapping.property(Slot::When), dates.len() > 1) {
        warnings.push(format!("There are {} dates; events follow “{}”.", dates.len(), when.name));
    }
    if mapping.has_body() {
        warnings.push(
            "Descriptions are read page by page, three a second; a large database takes its time at first."
                .to_owned(),
        );
    }
    warnings
}

struct Ranked<'a> {
    property: &'a SchemaProperty,
    score: u32,
    /// Whether it may be chosen without asking.
    is_likely: bool,
}

/// What could hold `slot`, best first.
fn ranked(schema: &Schema, slot: Slot) -> Vec<Ranked<'_>> {
    let mut ranked: Vec<_> =
        schema.properties.iter().filter_map(|property| rank(schema, property, slot)).collect();
    ranked.sort_by(|left, right| {
        right.score.cmp(&left.score).then(left.property.name.cmp(&right.property.name))
    });
    ranked
}

fn rank<'a>(schema: &Schema, property: &'a SchemaProperty, slot: Slot) -> Option<Ranked<'a>> {
    use PropertyKind as Kind;
    let hint = hinted(&property.name, slot);
    let (fit, is_likely) = match (slot, property.kind) {
        (Slot::Title, Kind::Title) => (10, true),
        (Slot::Title, Kind::RichText) if hint > 0 => (0, false),
        (Slot::When, Kind::Date) => (10, true),
        (Slot::When, Kind::Formula | Kind::Rollup) => (2, hint > 0),
        (Slot::When, Kind::CreatedTime | Kind::LastEditedTime) => (0, false),
        (Slot::Description | Slot::Location | Slot::Recurrence, Kind::RichText) => (1, hint > 0),
        (Slot::Attendees, Kind::RichText) => (2, hint > 0),
        (Slot::Attendees, Kind::People) => (1, hint > 1),
        (Slot::Status, Kind::Status | Kind::Select) => {
            let is_clear = property.options.iter().any(|option| meaning_of(slot, option).is_some());
            (if is_clear { 3 } else { 1 }, is_clear && (hint > 0 || property.kind == Kind::Status))
        }
        (Slot::Transparency, Kind::Checkbox) if hint > 0 => (2, true),
        (Slot::Transparency, Kind::Checkbox) => (0, false),
        (Slot::Transparency, Kind::Select) => {
            let is_clear = property.options.iter().any(|option| meaning_of(slot, option).is_some());
            (1, is_clear && hint > 0)
        }
        (Slot::Url, Kind::Url) => (1, hinted(&property.name, Slot::ConferenceUrl) == 0),
        (Slot::ConferenceUrl, Kind::Url) => (1, hint > 0),
        (Slot::Marker, Kind::RichText) if hint > 1 => (1, true),
        (Slot::Series, Kind::Relation) => {
            if property.relates_to.as_deref() != Some(schema.source.id.as_str()) {
                return None;
            }
            (1, hint > 0)
        }
        _ => return None,
    };
    Some(Ranked { property, score: fit + 3 * hint, is_likely })
}

/// A box called “free” says the opposite of one called “busy”.
fn checkbox_meanings(property: &SchemaProperty) -> std::collections::BTreeMap<String, Meaning> {
    let name = folded(&property.name);
    let says_free = ["free", "frei", "verfugbar", "verfuegbar", "available", "libre", "libero"]
        .iter()
        .any(|word| name.split(|letter: char| !letter.is_alphanumeric()).any(|part| part == *word));
    let (checked, unchecked) =
        if says_free { (Meaning::Free, Meaning::Busy) } else { (Meaning::Busy, Meaning::Free) };
    [(CHECKED.to_owned(), checked), (UNCHECKED.to_owned(), unchecked)].into()
}

/// Stands for a box that is ticked, and for one that is not, where options have their ids.
pub(super) const CHECKED: &str = "checked";
pub(super) const UNCHECKED: &str = "unchecked";

/// The name under which a property for `slot` can be created: one that nothing else has.
fn creatable_as(schema: &Schema, slot: Slot) -> Option<String> {
    let name = match slot {
        Slot::Title => return None,
        Slot::When => "Date",
        Slot::Description => "Description",
        Slot::Location => "Location",
        Slot::Status => "Status",
        Slot::Transparency => "Busy",
        Slot::Attendees => "Attendees",
        Slot::Url => "URL",
        Slot::ConferenceUrl => "Video call",
        Slot::Recurrence => "Recurrence",
        Slot::Marker => "Synodic",
        Slot::Series => "Series",
    };
    let is_free =
        |name: &str| schema.properties.iter().all(|property| !property.name.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|number| format!("{name} {number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| is_free(name))
}

/// What a slot is called in a sentence.
pub(super) const fn spoken(slot: Slot) -> &'static str {
    match slot {
        Slot::Title => "the title",
        Slot::When => "the date",
        Slot::Description => "the description",
        Slot::Location => "the location",
        Slot::Status => "the status",
        Slot::Transparency => "whether an event blocks time",
        Slot::Attendees => "who is invited",
        Slot::Url => "the link",
        Slot::ConferenceUrl => "the video link",
        Slot::Recurrence => "the repetition",
        Slot::Marker => "the mark by which Synodic knows its pages",
        Slot::Series => "the series of an occurrence",
    }
}

#[cfg(test)]
mod tests;
