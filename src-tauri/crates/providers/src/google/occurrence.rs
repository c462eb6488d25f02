//! Writing one occurrence of a series.
//!
//! Google makes the exception when an instance is patched (guide “Recurring events”). So an override is not created but
//! found, looked at, and changed if nobody has changed it before.

use chrono_tz::Tz;
use http::{Method, StatusCode};
use serde_json::Value;
use synodic_model::{EventContent, EventStatus, ExternalId, Field, FieldSet, RemoteCalendarId, When};

use super::Google;
use super::map::{self, Role};
use super::wire::{self, EVENT_FIELDS};
use crate::error::ProviderError;
use crate::{Creation, RemoteEvent, RemoteOccurrence};

const ACTION: &str = "changing an occurrence";
/// How often an occurrence and its series are read while somebody changes them.
const READINGS: u32 = 3;

impl Google {
    /// Changes one occurrence of a series. One that differs from its series already, because somebody changed it or
    /// because we did and never heard of it, is returned as it is now, for the caller to reconcile.
    pub(super) async fn override_occurrence(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let zone = self.zone(calendar).await?;
        let Found { there, is_untouched } = self.find_occurrence(calendar, occurrence, zone).await?;
        if !is_untouched {
            return Ok(there);
        }
        let desired = creation.content;
        // An occurrence has no rule of its own.
        let changed =
            map::changed(Some(&there.content), desired, Role::Occurrence, zone).without(Field::Recurrence);
        let version = Some(&there.version);
        let body = self.body(calendar, &there.id, desired, changed, Role::Occurrence, zone, version).await?;
        if body.is_empty() {
            return Ok(there);
        }
        self.patch(calendar, &there.id, body, version, creation.notify, ACTION).await
    }

    /// One occurrence of a series, when it differs from that.
    pub(super) async fn exception(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
    ) -> Result<Option<RemoteEvent>, ProviderError> {
        let zone = self.zone(calendar).await?;
        let Found { there, is_untouched } = self.find_occurrence(calendar, occurrence, zone).await?;
        Ok(Some(there).filter(|_| !is_untouched))
    }

    /// The occurrence as it is now. Its id is the series' with the original start behind it: seen everywhere but
    /// promised nowhere (and not so after “this and following”), so what it leads to is checked, and searched for otherwise.
    async fn instance(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
        zone: Tz,
    ) -> Result<RemoteEvent, ProviderError> {
        let key = map::occurrence_key(&occurrence.original_start, zone);
        let likely = ExternalId::new(format!("{}_{key}", occurrence.series));
        let call = self.api.event_call(Method::GET, calendar, &likely, ACTION).with("fields", EVENT_FIELDS);
        let answer = self.api.send(&call).await?;
        let mut candidates = match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Vec::new(),
            _ => vec![answer.json::<Value>(ACTION)?],
        };
        for is_search in [false, true] {
            if is_search {
                candidates = self.search_instance(calendar, occurrence, zone).await?;
            }
            for candidate in candidates.drain(..) {
                let found = self.read_document(calendar, candidate, ACTION).await?;
                if let Some(found) = found.filter(|found| stands_for(found, occurrence, zone)) {
                    return Ok(found);
                }
            }
        }
        // The rule was changed at Google, and this occurrence is not in it any more.
        Err(ProviderError::Gone)
    }

    async fn search_instance(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
        zone: Tz,
    ) -> Result<Vec<Value>, ProviderError> {
        let path = ["calendars", calendar.as_str(), "events", occurrence.series.as_str(), "instances"];
        let call = self
            .api
            .call(Method::GET, &path, ACTION)
            .with("originalStart", &map::original_start_text(&occurrence.original_start, zone))
            .with("showDeleted", "true")
            .with("fields", &format!("items({EVENT_FIELDS})"));
        let answer = self.api.send(&call).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(self.gone(calendar, &answer, ACTION).await);
        }
        Ok(answer.json::<wire::EventsPage>(ACTION)?.items)
    }

    /// Reads an occurrence and tells whether it still is as its series makes it. Both are read one after the other, and
    /// somebody may change the series in between; so what differs is believed only of an occurrence that was the same
    /// before and after its series was read.
    async fn find_occurrence(
        &self,
        calendar: &RemoteCalendarId,
        occurrence: &RemoteOccurrence,
        zone: Tz,
    ) -> Result<Found, ProviderError> {
        let mut there = self.instance(calendar, occurrence, zone).await?;
        for _ in 0..READINGS {
            if there.content.status == EventStatus::Cancelled {
                return Ok(Found { there, is_untouched: false });
            }
            let series = self.get_event(calendar, &occurrence.series).await?.ok_or(ProviderError::Gone)?;
            if is_plain(occurrence, &series, &there, zone) {
                return Ok(Found { there, is_untouched: true });
            }
            let again = self.instance(calendar, occurrence, zone).await?;
            if again.content == there.content {
                return Ok(Found { there, is_untouched: false });
            }
            there = again;
        }
        Err(ProviderError::VersionMismatch)
    }
}

/// An occurrence as it is at Google.
struct Found {
    there: RemoteEvent,
    /// Whether nobody has made it another than its series does.
    is_untouched: bool,
}

/// Whether an occurrence is as its series makes it, so that nobody's work is lost by writing over it. Google does not
/// mark exceptions, but what they say differs from the series.
fn is_plain(occurrence: &RemoteOccurrence, series: &RemoteEvent, there: &RemoteEvent, zone: Tz) -> bool {
    let canonical = |content: &EventContent| map::canonical(content, Role::Occurrence, zone);
    let fields = map::WRITABLE.without(Field::When).without(Field::Recurrence);
    let differing = FieldSet::differing(fields, &canonical(&series.content), &canonical(&there.content));
    differing.is_empty() && is_in_place(occurrence, &series.content.when, &there.content.when, zone)
}

fn stands_for(event: &RemoteEvent, occurrence: &RemoteOccurrence, zone: Tz) -> bool {
    let key = |of: &RemoteOccurrence| map::occurrence_key(&of.original_start, zone);
    event
        .occurrence_of
        .as_ref()
        .is_some_and(|of| of.series == occurrence.series && key(of) == key(occurrence))
}

/// Whether an occurrence starts when its series says, and lasts as long as the first one.
fn is_in_place(occurrence: &RemoteOccurrence, series: &When, there: &When, zone: Tz) -> bool {
    let key = |when: &When| map::occurrence_key(&when.original_start(), zone);
    key(there) == map::occurrence_key(&occurrence.original_start, zone) && lasts_alike(series, there)
}

/// A night in which the clocks change is an hour longer or shorter, by the clock on the wall or by any other; either
/// way of counting will do.
fn lasts_alike(series: &When, there: &When) -> bool {
    match (*series, *there) {
        (When::AllDay { start, end }, When::AllDay { start: there_start, end: there_end }) => {
            end - start == there_end - there_start
        }
        (When::Zoned { start, end }, When::Zoned { start: there_start, end: there_end }) => {
            end.instant() - start.instant() == there_end.instant() - there_start.instant()
                || end.local - start.local == there_end.local - there_start.local
        }
        (When::Floating { start, end }, When::Floating { start: there_start, end: there_end }) => {
            end - start == there_end - there_start
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use synodic_model::ZonedTime;

    use super::*;

    #[test]
    fn the_nights_in_which_clocks_change_are_no_exceptions() {
        let at = |text: &str| ZonedTime::new(text.parse().unwrap(), chrono_tz::Europe::Berlin);
        let shift = |start: &str, end: &str| When::Zoned { start: at(start), end: at(end) };
        let usual = shift("2026-10-17T22:00:00", "2026-10-18T06:00:00");
        assert!(lasts_alike(&usual, &shift("2026-10-24T22:00:00", "2026-10-25T06:00:00")), "by the wall");
        assert!(lasts_alike(&usual, &shift("2026-10-24T22:00:00", "2026-10-25T05:00:00")), "by the hour");
        assert!(!lasts_alike(&usual, &shift("2026-10-24T22:00:00", "2026-10-25T07:00:00")));
        let day = |start: &str, end: &str| When::AllDay {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        };
        assert!(lasts_alike(&day("2026-10-18", "2026-10-19"), &day("2026-10-25", "2026-10-26")));
        assert!(!lasts_alike(&day("2026-10-18", "2026-10-19"), &usual));
    }
}
