//! Our own mark on a page: the text of a property that Synodic creates or the person chooses.
//!
//! Notion has no ids that a client may choose and no keys that make a request safe to repeat. So every page that we make
//! carries the identity it was made under, in the same request; when an answer is lost, the page is looked for by it.
//! The mark also keeps what Notion has no place for: the zones of the times, the occurrence that a page stands for, and
//! the event's UID, by which a replica that was lost, or a link that is made again, meets the page instead of a double.
//!
//! `synodic:1 id=<event>:<link>:<incarnation> zone=Europe/Berlin of=<page>@<original start> plain=1 uid=<uid>`;
//! every part but the first may be missing.

use std::fmt::Write;

use chrono_tz::Tz;
use synodic_model::{EventId, ExternalId, OriginalStart, When};
use uuid::Uuid;

use super::date::Zones;
use super::wire;
use crate::{Identity, RemoteOccurrence};

/// What every mark of ours begins with.
const PREFIX: &str = "synodic:1";
/// Longer UIDs are left out, so that a mark is one piece of text.
const UID_LIMIT: usize = 900;

/// What a page's mark says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Under which identity we made the page.
    pub(super) identity: Option<Identity>,
    /// The zones of its times.
    pub(super) zones: Option<Zones>,
    /// The occurrence that it stands for.
    pub(super) occurrence: Option<RemoteOccurrence>,
    /// On an occurrence's page that follows its series.
    pub(super) plain: Option<String>,
    /// The event's UID.
    pub(super) uid: Option<String>,
}

impl Mark {
    /// Reads a mark; none when the text is not ours.
    pub(super) fn read(text: &str) -> Option<Self> {
        let parts = text.trim().strip_prefix(PREFIX)?;
        let mut mark = Self::default();
        for part in parts.split_ascii_whitespace() {
            let Some((name, value)) = part.split_once('=') else { continue };
            match name {
                "id" => mark.identity = read_identity(value),
                "zone" => mark.zones = read_zones(value),
                "of" => mark.occurrence = read_occurrence(value),
                "plain" => mark.plain = Some(value.to_owned()),
                "uid" => mark.uid = Some(decoded(value)),
                _ => {}
            }
        }
        Some(mark)
    }

    /// The text of the property.
    pub(super) fn text(&self) -> String {
        let mut text = PREFIX.to_owned();
        // Writing to a String cannot fail.
        if let Some(identity) = &self.identity {
            let _ = write!(text, " id={}", identity_text(identity));
        }
        if let Some(zones) = &self.zones {
            let _ = write!(text, " zone={}", zones_text(*zones));
        }
        if let Some(occurrence) = &self.occurrence {
            let start = serde_json::to_string(&occurrence.original_start).unwrap_or_default();
            let _ = write!(text, " of={}@{start}", occurrence.series);
        }
        if let Some(plain) = &self.plain {
            let _ = write!(text, " plain={plain}");
        }
        if let Some(uid) = self.uid.as_ref().filter(|uid| uid.len() <= UID_LIMIT) {
            let _ = write!(text, " uid={}", encoded(uid));
        }
        text
    }
}

/// What the mark of every page begins with that was made for an event and link, in whatever incarnation.
pub(super) fn beginning(identity: &Identity) -> String {
    format!("{PREFIX} id={}:{}:", identity.event_id, identity.link)
}

/// What the mark of every page of an occurrence of a series holds.
pub(super) fn of_series(series: &ExternalId) -> String {
    format!(" of={series}@")
}

/// The zones of a time, as a mark keeps them; whole days have none.
pub(super) fn zones_of(when: &When, home: Tz) -> Option<Zones> {
    match when {
        When::AllDay { .. } => None,
        When::Zoned { start, end } => Some(Zones { start: start.zone, end: end.zone, is_floating: false }),
        When::Floating { .. } => Some(Zones { start: home, end: home, is_floating: true }),
    }
}

fn identity_text(identity: &Identity) -> String {
    format!("{}:{}:{}", identity.event_id, identity.link, identity.incarnation)
}

fn read_identity(text: &str) -> Option<Identity> {
    let mut parts = text.split(':');
    let event_id = parts.next()?.parse::<EventId>().ok()?;
    let link = Uuid::parse_str(parts.next()?).ok()?;
    let incarnation = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(Identity { event_id, link, incarnation })
}

fn zones_text(zones: Zones) -> String {
    match zones {
        Zones { start, is_floating: true, .. } => format!("floating>{start}"),
        Zones { start, end, .. } if start == end => start.name().to_owned(),
        Zones { start, end, .. } => format!("{start}>{end}"),
    }
}

fn read_zones(text: &str) -> Option<Zones> {
    match text.split_once('>') {
        None => Some(Zones::of(text.parse().ok()?)),
        Some(("floating", home)) => Some(Zones { is_floating: true, ..Zones::of(home.parse().ok()?) }),
        Some((start, end)) => {
            Some(Zones { start: start.parse().ok()?, end: end.parse().ok()?, is_floating: false })
        }
    }
}

fn read_occurrence(text: &str) -> Option<RemoteOccurrence> {
    let (series, start) = text.split_once('@')?;
    let original_start: OriginalStart = serde_json::from_str(start).ok()?;
    Some(RemoteOccurrence { series: ExternalId::new(wire::id(series)), original_start })
}

/// A text in which nothing ends a part of the mark.
fn encoded(text: &str) -> String {
    text.chars().fold(String::new(), |mut done, letter| {
        if letter.is_whitespace() || letter == '%' {
            for byte in letter.to_string().bytes() {
                let _ = write!(done, "%{byte:02X}");
            }
        } else {
            done.push(letter);
        }
        done
    })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(rest.next()), hex(rest.next()))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use synodic_model::ZonedTime;

    use super::*;

    fn starts() -> impl Strategy<Value = OriginalStart> {
        let local = (0i64..20_000).prop_map(|day| {
            (NaiveDate::default() + chrono::TimeDelta::days(day)).and_hms_opt(9, 30, 0).unwrap()
        });
        (local, 0..3).prop_map(|(local, kind)| match kind {
            0 => OriginalStart::Date { date: local.date() },
            1 => OriginalStart::Zoned { time: ZonedTime::new(local, chrono_tz::America::St_Johns) },
            _ => OriginalStart::Floating { time: local },
        })
    }

    fn zones() -> impl Strategy<Value = Zones> {
        let zone =
            || prop_oneof![Just(chrono_tz::Europe::Berlin), Just(chrono_tz::Asia::Kolkata), Just(Tz::UTC)];
        (zone(), zone(), any::<bool>()).prop_map(|(start, end, is_floating)| {
            if is_floating {
                Zones { is_floating, ..Zones::of(start) }
            } else {
                Zones { start, end, is_floating }
            }
        })
    }

    fn marks() -> impl Strategy<Value = Mark> {
        let identity =
            (any::<u128>(), any::<u128>(), any::<u32>()).prop_map(|(event, link, incarnation)| Identity {
                event_id: EventId::new(Uuid::from_u128(event)),
                link: Uuid::from_u128(link),
                incarnation,
            });
        let occurrence = (any::<u128>(), starts()).prop_map(|(series, original_start)| RemoteOccurrence {
            series: ExternalId::new(Uuid::from_u128(series).to_string()),
            original_start,
        });
        let text = || proptest::option::of("[a-z0-9]{1,40}");
        (
            proptest::option::of(identity),
            proptest::option::of(zones()),
            proptest::option::of(occurrence),
            text(),
            proptest::option::of("[ -~äß😀]{1,60}"),
        )
            .prop_map(|(identity, zones, occurrence, plain, uid)| Mark {
                identity,
                zones,
                occurrence,
                plain,
                uid,
            })
    }

    proptest! {
        #[test]
        fn a_mark_comes_back_and_fits_into_one_piece_of_text(mark in marks()) {
            let text = mark.text();
            prop_assert!(text.encode_utf16().count() < 1900);
            prop_assert_eq!(Mark::read(&text), Some(mark.clone()));
            if let Some(identity) = mark.identity {
                prop_assert!(text.starts_with(&beginning(&identity)));
            }
        }

        #[test]
        fn other_texts_are_not_ours(text in ".{0,60}") {
            prop_assume!(!text.trim().starts_with(PREFIX));
            prop_assert_eq!(Mark::read(&text), None);
        }
    }

    /// Pages carry marks of the first release for ever.
    #[test]
    fn the_form_never_changes() {
        let identity =
            Identity { event_id: EventId::new(Uuid::from_u128(1)), link: Uuid::from_u128(2), incarnation: 3 };
        let mark = Mark {
            identity: Some(identity),
            zones: Some(Zones {
                start: chrono_tz::Europe::Berlin,
                end: chrono_tz::Asia::Tokyo,
                is_floating: false,
            }),
            uid: Some("a b@example.org".to_owned()),
            ..Mark::default()
        };
        assert_eq!(
            mark.text(),
            "synodic:1 id=00000000-0000-0000-0000-000000000001:00000000-0000-0000-0000-000000000002:3 \
             zone=Europe/Berlin>Asia/Tokyo uid=a%20b@example.org"
        );
    }
}
