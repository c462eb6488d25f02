//! Between a page and an event: a pair of functions per property, each total. What cannot be read is a warning and not an
//! error, but for the date: without one a page is no event, and with an impossible one it is left alone.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use synodic_model::{
    Attendee, EventContent, EventStatus, ExternalId, Field, FieldSet, Recurrence, RemoteVersion,
    ResponseStatus, Transparency, When,
};

use super::date::{self, Zones};
use super::known;
use super::mapping::{Mapping, Meaning, Property, PropertyKind, Slot};
use super::marker::{self, Mark};
use super::proposal::{CHECKED, UNCHECKED, spoken};
use super::text;
use super::wire::Page;
use crate::{Marker, RemoteEvent};

/// Our part of [`EventContent::extras`].
pub(super) const EXTRAS: &str = "notion";
/// In it: the zone, where Notion has named one itself.
pub(super) const NAMED_ZONE: &str = "timeZone";

/// A page as an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) event: RemoteEvent,
    pub(super) mark: Mark,
    /// Whether the date has a time and no end.
    pub(super) is_open: bool,
}

/// Reads a page; none when it has no date. `body` is the text below its properties, where that is the description.
pub(super) fn read(page: &Page, mapping: &Mapping, body: Option<&str>) -> Result<Option<Reading>, String> {
    let mark = mapping.property(Slot::Marker).and_then(|property| page.property(&property.id));
    let mark = mark.map(|value| text::plain(&value["rich_text"])).and_then(|text| Mark::read(&text));
    let mark = mark.unwrap_or_default();
    let Some(date) = date_of(page, mapping) else { return Ok(None) };
    let zones = mark.zones.unwrap_or_else(|| Zones::of(mapping.zone()));
    let when = date::read(&date, zones, mapping.default_minutes)?;
    let mut warnings = Vec::new();
    let mut content = EventContent::new(text_in(page, mapping, Slot::Title), when);
    content.description = match body {
        Some(body) if mapping.has_body() => body.trim().to_owned(),
        _ => text_in(page, mapping, Slot::Description),
    };
    content.location = text_in(page, mapping, Slot::Location);
    content.status = status_in(page, mapping);
    content.transparency = transparency_in(page, mapping);
    content.attendees = attendees_in(page, mapping);
    content.url = url_in(page, mapping, Slot::Url);
    content.conference_url = url_in(page, mapping, Slot::ConferenceUrl);
    if mark.occurrence.is_none() {
        content.recurrence = recurrence_in(page, mapping, &when, &mut warnings);
    }
    if let Some(zone) = date::named_zone(&date) {
        content.extras.insert(EXTRAS.to_owned(), json!({ NAMED_ZONE: zone.name() }));
    }
    content.canonicalize();
    let version = version(&content, &mark);
    let event = RemoteEvent {
        id: ExternalId::new(page.id.clone()),
        version,
        uid: Some(mark.uid.clone().unwrap_or_else(|| format!("{}@notion.so", page.id))),
        marker: mark.identity.map(|identity| Marker { identity }),
        occurrence_of: mark.occurrence.clone(),
        content,
        updated_at: page.edited_before(),
        read_only: mapping.is_read_only(),
        warnings,
    };
    let is_open = date["end"].is_null() && !when.is_all_day();
    Ok(Some(Reading { event, mark, is_open }))
}

/// Properties that a page shows otherwise than the mapping has them: what is wrong, by slot.
pub(super) fn faults(page: &Page, mapping: &Mapping) -> BTreeMap<Slot, String> {
    let mut faults = BTreeMap::new();
    for slot in mapping.slots.keys() {
        let Some(property) = mapping.property(*slot) else { continue };
        let fault = match page.property(&property.id) {
            None => "is gone from Notion",
            Some(value)
                if PropertyKind::named(value["type"].as_str().unwrap_or_default()) != property.kind =>
            {
                "has another type now"
            }
            Some(_) => continue,
        };
        faults.insert(*slot, fault_sentence(&property.name, fault, *slot));
    }
    faults
}

/// What a person reads about a property that can no longer be used.
pub(super) fn fault_sentence(name: &str, fault: &str, slot: Slot) -> String {
    format!("The property “{name}” {fault}, so {} is not kept in step. Choose another one.", spoken(slot))
}

/// The state of a page in a few letters. Not its time of change, which tells the minute only; not its address, which
/// holds the title; not the runs of its texts.
fn version(content: &EventContent, mark: &Mark) -> RemoteVersion {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(content).unwrap_or_default());
    // Whether it follows its series is nothing that the page says.
    hash.update(Mark { plain: None, ..mark.clone() }.text());
    let mut text = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    RemoteVersion::new(text)
}

/// The value of the property for `slot`, below its type.
fn value_of<'a>(page: &'a Page, mapping: &'a Mapping, slot: Slot) -> Option<(&'a Property, &'a Value)> {
    let property = mapping.property(slot)?;
    let value = page.property(&property.id)?;
    let kind = value["type"].as_str()?;
    (PropertyKind::named(kind) == property.kind).then(|| (property, &value[kind]))
}

/// The date of a page in the form of a `date`, from whatever holds it.
fn date_of(page: &Page, mapping: &Mapping) -> Option<Value> {
    let (property, value) = value_of(page, mapping, Slot::When)?;
    let date = match property.kind {
        PropertyKind::Formula | PropertyKind::Rollup => value["date"].clone(),
        PropertyKind::CreatedTime | PropertyKind::LastEditedTime => json!({ "start": value, "end": null }),
        _ => value.clone(),
    };
    date["start"].is_string().then_some(date)
}

fn text_in(page: &Page, mapping: &Mapping, slot: Slot) -> String {
    value_of(page, mapping, slot).map(|(_, value)| text::plain(value)).unwrap_or_default()
}

fn url_in(page: &Page, mapping: &Mapping, slot: Slot) -> Option<String> {
    let (_, value) = value_of(page, mapping, slot)?;
    value.as_str().map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned)
}

/// What the option or box that holds `slot` says.
fn meaning_in(page: &Page, mapping: &Mapping, slot: Slot) -> Option<Meaning> {
    let (property, value) = value_of(page, mapping, slot)?;
    let option = match value {
        Value::Bool(true) => CHECKED,
        Value::Bool(false) => UNCHECKED,
        _ => value["id"].as_str()?,
    };
    property.meanings.get(option).copied()
}

fn status_in(page: &Page, mapping: &Mapping) -> EventStatus {
    match meaning_in(page, mapping, Slot::Status) {
        Some(Meaning::Cancelled) => EventStatus::Cancelled,
        Some(Meaning::Tentative) => EventStatus::Tentative,
        Some(Meaning::Confirmed | Meaning::Busy | Meaning::Free) | None => EventStatus::Confirmed,
    }
}

fn transparency_in(page: &Page, mapping: &Mapping) -> Transparency {
    match meaning_in(page, mapping, Slot::Transparency) {
        Some(Meaning::Free) => Transparency::Transparent,
        Some(_) | None => Transparency::Opaque,
    }
}

fn attendees_in(page: &Page, mapping: &Mapping) -> Vec<Attendee> {
    let Some((property, value)) = value_of(page, mapping, Slot::Attendees) else { return Vec::new() };
    let attendee = |email: &str, name: &str| Attendee {
        email: email.trim().to_lowercase(),
        name: name.trim().to_owned(),
        optional: false,
        resource: false,
        response: ResponseStatus::NeedsAction,
        is_self: false,
    };
    if property.kind == PropertyKind::People {
        let people = value.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        return people
            .filter_map(|person| {
                let email = person["person"]["email"].as_str()?;
                Some(attendee(email, person["name"].as_str().unwrap_or_default()))
            })
            .collect();
    }
    let text = text::plain(value);
    text.split([',', ';', '\n'])
        .filter_map(|part| match part.split_once('<') {
            Some((name, rest)) => {
                let email = rest.split('>').next().unwrap_or_default();
                email.contains('@').then(|| attendee(email, name))
            }
            None => part.contains('@').then(|| attendee(part, "")),
        })
        .collect()
}

/// The rule in a page's text. One that cannot be read, or never happens, is left alone: the page is then a single event.
fn recurrence_in(
    page: &Page,
    mapping: &Mapping,
    when: &When,
    warnings: &mut Vec<String>,
) -> Option<Recurrence> {
    let text = text_in(page, mapping, Slot::Recurrence);
    if text.trim().is_empty() {
        return None;
    }
    let lines: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            if line.to_ascii_uppercase().starts_with("FREQ=") {
                format!("RRULE:{line}")
            } else {
                line.to_owned()
            }
        })
        .collect();
    let recurrence = Recurrence::parse_lines(lines.iter().map(String::as_str), when);
    let is_sound = recurrence.unread.is_empty()
        && !(recurrence.rules.is_empty() && recurrence.dates.is_empty())
        && recurrence.check(when).is_ok();
    if !is_sound {
        warnings.push("the repetition cannot be read, so the page counts as a single event".to_owned());
        return None;
    }
    Some(recurrence)
}

/// Why something cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooLong(pub(super) Slot);

/// The properties of a new page.
pub(super) fn new_page(
    content: &EventContent,
    mapping: &Mapping,
    mark: &Mark,
) -> Result<Map<String, Value>, TooLong> {
    let fields = mapping.fields();
    let mut properties = Map::new();
    for slot in Slot::ALL {
        if slot.field().is_some_and(|field| fields.contains(field)) {
            put(&mut properties, content, mapping, slot, None)?;
        }
    }
    if let Some(property) =
        mapping.property(Slot::Title).filter(|property| property.kind != PropertyKind::Title)
    {
        // Pages without a title are hard to find, whatever else names the event.
        debug_assert_eq!(property.kind, PropertyKind::RichText);
        properties.insert("title".to_owned(), json!({ "title": text::write(&content.title) }));
    }
    put_mark(&mut properties, mapping, mark);
    if let (Some(series), Some(property)) = (&mark.occurrence, mapping.property(Slot::Series)) {
        properties.insert(property.id.clone(), json!({ "relation": [{ "id": series.series.as_str() }] }));
    }
    Ok(properties)
}

/// The properties in which a page shall differ from what it is now.
pub(super) fn changed_page(
    page: &Page,
    there: &Reading,
    desired: &EventContent,
    mapping: &Mapping,
) -> Result<(FieldSet, Map<String, Value>), TooLong> {
    let content = &there.event.content;
    let is_occurrence = there.mark.occurrence.is_some();
    let mut changed = FieldSet::NONE;
    let mut properties = Map::new();
    for slot in Slot::ALL {
        let Some(field) = slot.field().filter(|field| mapping.fields().contains(*field)) else { continue };
        let is_fixed = is_occurrence && field == Field::Recurrence;
        if is_fixed || known::looks_same(field, desired, content, mapping) {
            continue;
        }
        changed = changed.with(field);
        put(&mut properties, desired, mapping, slot, Some((page, there)))?;
    }
    let zones = marker::zones_of(&desired.when, mapping.zone());
    let is_told = there.mark.zones.or_else(|| Some(Zones::of(mapping.zone())));
    if zones.is_some() && zones != is_told && changed.contains(Field::When) && is_ours_or_empty(page, mapping)
    {
        put_mark(&mut properties, mapping, &Mark { zones, ..there.mark.clone() });
    }
    Ok((changed, properties))
}

/// Whether the property for our mark holds nothing that somebody else has put there.
fn is_ours_or_empty(page: &Page, mapping: &Mapping) -> bool {
    let text = text_in(page, mapping, Slot::Marker);
    text.trim().is_empty() || Mark::read(&text).is_some()
}

/// Writes our mark, where there is a place for it.
pub(super) fn put_mark(properties: &mut Map<String, Value>, mapping: &Mapping, mark: &Mark) {
    if let Some(property) = mapping.property(Slot::Marker) {
        properties.insert(property.id.clone(), json!({ "rich_text": text::write(&mark.text()) }));
    }
}

/// Writes one field. What the mapping has no word for is left as it is.
fn put(
    properties: &mut Map<String, Value>,
    content: &EventContent,
    mapping: &Mapping,
    slot: Slot,
    there: Option<(&Page, &Reading)>,
) -> Result<(), TooLong> {
    let Some(property) = mapping.property(slot) else { return Ok(()) };
    let value = match slot {
        Slot::Title => rich(property, &content.title, slot, there)?,
        Slot::Description => rich(property, &text::without_markup(&content.description), slot, there)?,
        Slot::Location => rich(property, &content.location, slot, there)?,
        Slot::Attendees if property.kind == PropertyKind::People => return Ok(()),
        Slot::Attendees => rich(property, &attendees_text(&content.attendees), slot, there)?,
        Slot::Recurrence => rich(property, &recurrence_text(content), slot, there)?,
        Slot::When if property.kind == PropertyKind::Date => {
            let is_open =
                there.is_some_and(|(_, there)| there.is_open && lasts_default(&content.when, mapping));
            json!({ "date": date::write(&content.when, mapping.zone(), is_open) })
        }
        Slot::When => return Ok(()),
        Slot::Url => json!({ "url": content.url }),
        Slot::ConferenceUrl => json!({ "url": content.conference_url }),
        Slot::Status | Slot::Transparency => match chosen(property, content, slot) {
            Some(value) => value,
            None => return Ok(()),
        },
        Slot::Marker | Slot::Series => return Ok(()),
    };
    properties.insert(property.id.clone(), value);
    Ok(())
}

fn rich(
    property: &Property,
    text: &str,
    slot: Slot,
    there: Option<(&Page, &Reading)>,
) -> Result<Value, TooLong> {
    let key = if property.kind == PropertyKind::Title { "title" } else { "rich_text" };
    let runs = match there.and_then(|(page, _)| page.property(&property.id)) {
        Some(value) => text::revise(&value[key], text),
        None => text::write(text),
    };
    if runs.len() > text::PIECES { Err(TooLong(slot)) } else { Ok(json!({ key: runs })) }
}

/// The option that says what the event says. An option is named by its id: a name that is not there would make a new one,
/// or be refused.
fn chosen(property: &Property, content: &EventContent, slot: Slot) -> Option<Value> {
    let meaning = meaning(content, slot);
    let option =
        property.meanings.iter().find(|(_, meant)| **meant == meaning).map(|(option, _)| option.as_str());
    match (property.kind, option) {
        (PropertyKind::Checkbox, Some(option)) => Some(json!({ "checkbox": option == CHECKED })),
        (PropertyKind::Select, Some(option)) => Some(json!({ "select": { "id": option } })),
        (PropertyKind::Status, Some(option)) => Some(json!({ "status": { "id": option } })),
        // Nothing chosen is the usual case.
        (PropertyKind::Select, None) if is_usual(meaning) => Some(json!({ "select": null })),
        (PropertyKind::Status, None) if is_usual(meaning) => Some(json!({ "status": null })),
        _ => None,
    }
}

const fn is_usual(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Confirmed | Meaning::Busy)
}

/// What the event says, in the words of options.
pub(super) const fn meaning(content: &EventContent, slot: Slot) -> Meaning {
    match slot {
        Slot::Transparency => match content.transparency {
            Transparency::Opaque => Meaning::Busy,
            Transparency::Transparent => Meaning::Free,
        },
        _ => match content.status {
            EventStatus::Confirmed => Meaning::Confirmed,
            EventStatus::Tentative => Meaning::Tentative,
            EventStatus::Cancelled => Meaning::Cancelled,
        },
    }
}

/// Whether the mapping has a word for what the event says.
pub(super) fn is_sayable(mapping: &Mapping, slot: Slot, meaning: Meaning) -> bool {
    is_usual(meaning)
        || mapping
            .property(slot)
            .is_some_and(|property| property.meanings.values().any(|meant| *meant == meaning))
}

fn lasts_default(when: &When, mapping: &Mapping) -> bool {
    let (start, end) = when.instants(mapping.zone());
    (end - start).num_minutes() == i64::from(mapping.default_minutes)
}

fn attendees_text(attendees: &[Attendee]) -> String {
    let text = |attendee: &Attendee| {
        if attendee.name.is_empty() {
            attendee.email.clone()
        } else {
            let name = attendee.name.replace([',', ';', '<', '>', '\n'], " ");
            format!("{} <{}>", name.trim(), attendee.email)
        }
    };
    attendees.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// The rule as a person can read and write it.
pub(super) fn recurrence_text(content: &EventContent) -> String {
    let lines = content.recurrence.as_ref().map(|recurrence| recurrence.to_lines(&content.when));
    lines.unwrap_or_default().join("\n")
}

#[cfg(test)]
pub(super) mod tests;
