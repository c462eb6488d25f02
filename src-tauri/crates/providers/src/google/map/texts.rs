//! Texts and addresses.

use serde_json::{Value, json};

use super::{Body, property};
use crate::google::wire;

/// Absent is empty, and a line ends in LF however it came: both sides of a comparison pass through here.
pub(super) fn read_text(text: Option<&String>) -> String {
    text.map(|text| text.replace("\r\n", "\n")).unwrap_or_default()
}

/// A person's own address wins over Google's, for it was set on purpose.
pub(super) fn read_conference(event: &wire::Event) -> Option<String> {
    let own = event.private(property::CONFERENCE).map(str::to_owned);
    own.or_else(|| event.hangout_link.clone()).or_else(|| video_entry(event))
}

fn video_entry(event: &wire::Event) -> Option<String> {
    let entries = event.conference_data.as_ref()?.entry_points.as_ref()?;
    let video = entries.iter().find(|entry| entry.entry_point_type.as_deref() == Some("video"))?;
    video.uri.clone()
}

/// Google takes no conference address but its own, so ours goes to a private property. Clearing it also takes
/// Google's away, which the caller has to announce with `conferenceDataVersion=1`.
pub(super) fn write_conference(url: Option<&str>, body: &mut Body) {
    body.set_private(property::CONFERENCE, url);
    if url.is_none() {
        body.set("conferenceData", Value::Null);
    }
}

pub(super) fn read_url(event: &wire::Event) -> Option<String> {
    let source = event.source.as_ref().and_then(|source| source.url.clone());
    source.or_else(|| event.private(property::URL).map(str::to_owned))
}

/// `source` takes `http` and `https` only (API reference, `source.url`); its title is ours to fill.
pub(super) fn write_url(url: Option<&str>, body: &mut Body) {
    let (web, other) = match url {
        Some(url) if is_web(url) => (json!({ "url": url, "title": url }), None),
        other => (Value::Null, other),
    };
    body.set("source", web);
    body.set_private(property::URL, other);
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
