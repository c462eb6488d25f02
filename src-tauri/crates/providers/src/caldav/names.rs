//! What events are called here and at the server.
//!
//! A resource holds a series with all of its edited occurrences under one address and one `ETag`; the replica keeps a row
//! for each of them. So the id of an event is the name of its resource within the calendar, without the escapes that
//! every server writes differently; of an edited occurrence, that and the start which the rule gave it
//! (`trip.ics#20261123T090000Z`). A name of a resource is enough, for ids are looked up within one calendar, and it stays
//! right when a service moves the account to another host.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use synodic_model::{ExternalId, OriginalStart};
use url::Url;

/// The parts of an event's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The name of the resource.
    pub(super) resource: String,
    /// The key of the occurrence ([`OriginalStart::key`]), if it is one.
    pub(super) occurrence: Option<String>,
}

impl Name {
    /// Takes an id apart.
    pub(super) fn of(id: &ExternalId) -> Self {
        match id.as_str().rsplit_once('#') {
            Some((resource, key)) if is_key(key) => {
                Self { resource: resource.to_owned(), occurrence: Some(key.to_owned()) }
            }
            _ => Self { resource: id.as_str().to_owned(), occurrence: None },
        }
    }
}

/// The id of a resource's series or single event.
pub(super) fn whole(resource: &str) -> ExternalId {
    ExternalId::new(resource)
}

/// The id of an occurrence.
pub(super) fn part(resource: &str, original_start: &OriginalStart) -> ExternalId {
    ExternalId::new(format!("{resource}#{}", original_start.key()))
}

/// Whether a text is what [`OriginalStart::key`] gives.
fn is_key(text: &str) -> bool {
    let (day, time) = text.split_at_checked(8).unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let time = time.strip_suffix('Z').unwrap_or(time);
    day.len() == 8
        && is_digits(day)
        && (time.is_empty() || time.len() == 7 && time.strip_prefix('T').is_some_and(is_digits))
}

/// The address of a resource in a calendar.
pub(super) fn url_of(calendar: &Url, resource: &str) -> Url {
    let mut url = calendar.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(resource);
    }
    url
}

/// The address of a resource in a calendar, as the server spells its last part.
pub(super) fn url_spelled(calendar: &Url, spelled: &str) -> Url {
    let mut url = calendar.clone();
    url.set_path(&format!("{}/{spelled}", calendar.path().trim_end_matches('/')));
    url
}

/// Whether an address may spell the name in several ways.
pub(super) fn has_spellings(name: &str) -> bool {
    !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// The name of the resource at `url`, if it is one in `calendar`: not the calendar itself, nothing further down, and
/// nothing elsewhere.
pub(super) fn resource_at(calendar: &Url, url: &Url) -> Option<String> {
    let segments = |url: &Url| -> Option<Vec<String>> { Some(url.path_segments()?.map(decode).collect()) };
    let (mut collection, mut resource) = (segments(calendar)?, segments(url)?);
    if collection.last().is_some_and(String::is_empty) {
        collection.pop();
    }
    let name = resource.pop().filter(|name| !name.is_empty())?;
    (resource == collection).then_some(name)
}

/// A part of a path without its escapes.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_apart_as_they_were_put_together() {
        let date = "2026-11-23".parse().unwrap();
        let start = OriginalStart::Date { date };
        let name = Name::of(&part("a#b.ics", &start));
        assert_eq!(name, Name { resource: "a#b.ics".into(), occurrence: Some("20261123".into()) });
        assert_eq!(Name::of(&whole("a#b.ics")).occurrence, None);
        assert!(is_key("20261123T090000Z") && is_key("20261123T090000") && !is_key("20261123T0900"));
    }

    #[test]
    fn spellings_of_one_address_are_one_name() {
        let calendar: Url = "https://example.org/ada%40x/team/".parse().unwrap();
        let name = |href: &str| resource_at(&calendar, &calendar.join(href).unwrap());
        assert_eq!(name("/ada@x/team/a%20b%40c.ics").as_deref(), Some("a b@c.ics"));
        assert_eq!(name("https://example.org/ada%40x/team/a b@c.ics").as_deref(), Some("a b@c.ics"));
        assert_eq!(name("/ada@x/team/"), None, "the calendar itself");
        assert_eq!(name("/ada@x/team/sub/a.ics"), None);
        assert_eq!(name("/ada@x/other/a.ics"), None);
        let url = url_of(&calendar, "a b@c/d.ics");
        assert_eq!(resource_at(&calendar, &url).as_deref(), Some("a b@c/d.ics"));
    }
}
