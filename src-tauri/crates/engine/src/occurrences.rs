//! What is on the screen: the occurrences in a window of time, and single events with all that the editor shows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use synodic_model::recurrence::{Appearance, Occurrence, appearances};
use synodic_model::sync::{EventSyncStatus, Integration, Link};
use synodic_model::{CalendarId, Event, EventId, EventStatus, OccurrenceKey, Reminders, TimeWindow};
use synodic_store::Seen;

use crate::edit::access::{Home, homes};
use crate::edit::subject::Subject;
use crate::engine::{Engine, Inner};
use crate::error::EngineError;
use crate::view::{EventLinkView, EventTarget, EventView, OccurrenceView, SyncMark};

/// The most occurrences that one event shows in a window: more than a year of one every quarter of an hour.
const OCCURRENCE_LIMIT: usize = 40_000;

impl Engine {
    /// What takes place in `window` in the calendars that are shown, by start.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the replica cannot be read.
    pub async fn occurrences(&self, window: TimeWindow) -> Result<Vec<OccurrenceView>, EngineError> {
        let store = &self.inner.store;
        let mut homes = homes(store.calendars().await?, store.links().await?);
        homes.retain(|_, home| home.calendar.visible);
        let shown: Vec<CalendarId> = homes.keys().copied().collect();
        let seen = store.seen_in_window(&window, Some(&shown)).await?;
        Ok(occurrences_of(&seen, &homes, &window))
    }

    /// An event with all that the editor shows: a single one, a whole series, or one occurrence.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when it is not there, [`EngineError::Store`] when the replica cannot be read.
    pub async fn event(&self, target: EventTarget) -> Result<EventView, EngineError> {
        let store = &self.inner.store;
        let event = Subject::find(&mut &*store, &target).await?.into_shown();
        let calendar =
            store.calendar(event.calendar_id).await?.ok_or(EngineError::NotFound { what: "calendar" })?;
        let home = Home { calendar, links: store.links_of_calendar(event.calendar_id).await? };
        self.inner.event_view(&home, event).await
    }
}

impl Inner {
    /// What the editor shows of an event.
    pub(crate) async fn event_view(&self, home: &Home, event: Event) -> Result<EventView, EngineError> {
        let syncs = self.store.event_syncs(event.id).await?;
        let links = by_id(&home.links, |link| link.id);
        let integrations = self.store.integrations().await?;
        let integrations = by_id(&integrations, |integration| integration.id);
        let links = syncs.into_iter().filter_map(|sync| {
            let link: &Link = links.get(&sync.link_id)?;
            let integration: &Integration = integrations.get(&link.integration_id)?;
            Some(EventLinkView {
                link_id: sync.link_id,
                provider: integration.provider,
                account: integration.account.clone(),
                remote_name: link.remote_name.clone(),
                external_id: sync.external_id.map(|id| id.to_string()),
                status: sync.status,
                last_synced_at: sync.last_synced_at,
                last_error: sync.last_error,
            })
        });
        Ok(EventView {
            id: event.id,
            calendar_id: event.calendar_id,
            uid: event.uid,
            occurrence_of: event.occurrence_of,
            read_only: home.refusal(&event.content),
            rights: home.rights(&event.content),
            content: event.content,
            revision: event.revision,
            updated_at: event.updated_at,
            links: links.collect(),
        })
    }
}

fn by_id<T, K: Ord>(items: &[T], id: impl Fn(&T) -> K) -> BTreeMap<K, &T> {
    items.iter().map(|item| (id(item), item)).collect()
}

/// What `rows` show in `window`, by start. Overrides stand among the rows, beside the masters of their series.
fn occurrences_of(
    rows: &[Seen],
    homes: &BTreeMap<CalendarId, Home>,
    window: &TimeWindow,
) -> Vec<OccurrenceView> {
    let mut views = Vec::with_capacity(2 * rows.len());
    for series in series_of(rows).values() {
        let shown = series.appearances(window);
        views.extend(shown.iter().filter_map(|shown| series.view_of(shown, homes, window)));
    }
    views.sort_unstable_by(|left, right| order(left).cmp(&order(right)));
    views
}

/// What `rows` show in `window`, each with when to be reminded of it; in no order.
pub(crate) fn with_reminders<'a>(
    rows: &'a [Seen],
    homes: &BTreeMap<CalendarId, Home>,
    window: &TimeWindow,
) -> Vec<(OccurrenceView, &'a Reminders)> {
    let mut views = Vec::with_capacity(rows.len());
    for series in series_of(rows).values() {
        let shown = series.appearances(window);
        views.extend(shown.iter().filter_map(|shown| {
            series.view_of(shown, homes, window).map(|view| (view, &shown.event.content.reminders))
        }));
    }
    views
}

fn series_of(rows: &[Seen]) -> BTreeMap<EventId, Series<'_>> {
    let mut series: BTreeMap<EventId, Series<'_>> = BTreeMap::new();
    for row in rows {
        match row.occurrence_of {
            Some(key) => series.entry(key.series_id).or_default().overrides.push(row),
            None => series.entry(row.id).or_default().master = Some(row),
        }
    }
    series
}

/// A single event, or a series as far as a window needs it.
#[derive(Default)]
struct Series<'a> {
    /// None when only an occurrence that was moved here concerns the window.
    master: Option<&'a Seen>,
    overrides: Vec<&'a Seen>,
}

impl<'a> Series<'a> {
    fn appearances(&self, window: &TimeWindow) -> Vec<Appearance<'a, Seen>> {
        let Some(master) = self.master else { return self.moved_here() };
        appearances(master, self.overrides.iter().copied(), window, OCCURRENCE_LIMIT).unwrap_or_else(|error| {
            tracing::warn!(event = %master.id, %error, "The rule of a series cannot be read; its first time is shown.");
            self.moved_here()
        })
    }

    fn moved_here(&self) -> Vec<Appearance<'a, Seen>> {
        let takes_place = |row: &&&Seen| row.content.status != EventStatus::Cancelled;
        let rows = self.overrides.iter().filter(takes_place);
        rows.chain(&self.master).map(|row| first_appearance(row)).collect()
    }

    /// What is shown of an appearance; nothing when its calendar is hidden.
    fn view_of(
        &self,
        appearance: &Appearance<'_, Seen>,
        homes: &BTreeMap<CalendarId, Home>,
        window: &TimeWindow,
    ) -> Option<OccurrenceView> {
        let Appearance { event: row, occurrence } = *appearance;
        let home = homes.get(&row.calendar_id)?;
        let content = &row.content;
        let (starts_at, ends_at) = occurrence.when.instants(window.viewer);
        let of_series = content
            .recurrence
            .is_some()
            .then_some(OccurrenceKey { series_id: row.id, original_start: occurrence.original_start });
        Some(OccurrenceView {
            event_id: row.id,
            occurrence_of: row.occurrence_of.or(of_series),
            calendar_id: row.calendar_id,
            title: content.title.clone(),
            location: content.location.clone(),
            when: occurrence.when,
            starts_at,
            ends_at,
            status: content.status,
            transparency: content.transparency,
            response: content.attendees.own_response,
            color: content.color.clone(),
            has_attendees: content.attendees.are_there,
            read_only: !home.is_writable()
                || content.extras.read_only
                || self.master.is_some_and(|master| master.content.extras.read_only),
            sync: mark_of(home, &row.statuses),
        })
    }
}

/// What a row shows by itself.
fn first_appearance(row: &Seen) -> Appearance<'_, Seen> {
    let when = row.content.when;
    let original_start = row.occurrence_of.map_or_else(|| when.original_start(), |key| key.original_start);
    Appearance { event: row, occurrence: Occurrence { original_start, when } }
}

/// By start; what lasts longer first, so that it lies beneath what is within it.
fn order(view: &OccurrenceView) -> impl Ord + '_ {
    (view.starts_at, Reverse(view.ends_at), &view.title, view.event_id)
}

/// How an event stands with all of its links: the worst of them counts.
fn mark_of(home: &Home, statuses: &[EventSyncStatus]) -> SyncMark {
    if home.links.is_empty() {
        return SyncMark::Local;
    }
    let marks = statuses.iter().map(|status| match status {
        EventSyncStatus::Synced => SyncMark::Synced,
        EventSyncStatus::Pending => SyncMark::Pending,
        EventSyncStatus::Conflict => SyncMark::Conflict,
        EventSyncStatus::Failed => SyncMark::Failed,
    });
    marks.max().unwrap_or(SyncMark::Local)
}

mod search;
#[cfg(test)]
mod tests;
