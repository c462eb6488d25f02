//! What has to be true in the end, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use synodic_engine::EngineError;
use synodic_engine::view::{ConflictSide, Resolution};
use synodic_model::sync::{ConflictData, EventSync, LogOutcome, QueueStatus, SyncDirection};
use synodic_model::{Event, EventStatus, TimeWindow};

use super::ledger::Aspect;
use super::play::shown_here;
use super::remote::{Row, Shown};
use super::stage::{Place, Stage, twins};
use super::step::{Post, Verb};
use super::words::{original, row, shown};

/// How many complete passes it may take until all sides agree.
const PASSES: usize = 3;
/// How often the person may have to decide until nothing waits for it any more: each decision is an edit, which may meet
/// the other version once more at another service.
const DECISIONS: usize = 5;
/// Longer than any request takes, or any write to be seen.
const A_WHILE: TimeDelta = TimeDelta::seconds(40);
/// Longer than any listing lags behind.
const LONG_ENOUGH: TimeDelta = TimeDelta::minutes(3);

/// Ends all trouble, lets everything settle, and says what is not as it was promised, and what is there in the end.
pub async fn heal_and_compare(stage: &mut Stage) -> (Vec<String>, Everything) {
    if let Err(wrong) = heal(stage).await {
        return (vec![wrong], everything(stage).await);
    }
    let mut wrongs = Vec::new();
    let writes = stage.weather.writes();
    match stage.pass_to_end().await {
        Ok(report) => {
            let moved = report.links.iter().any(|link| link.created + link.updated + link.deleted > 0);
            if report.pushed > 0 || moved || stage.weather.writes() > writes {
                wrongs.push(format!("when all sides agree a pass still does something: {report:?}"));
            }
        }
        Err(wrong) => wrongs.push(wrong),
    }
    // A comparison with everything finds nothing that passes have left behind.
    stage.pass_time(LONG_ENOUGH).await;
    match stage.audit_to_end().await {
        Ok(report) => {
            let drifted = report.links.iter().any(|link| link.drifted > 0 || link.error.is_some());
            if drifted || report.error.is_some() {
                wrongs.push(format!("a comparison finds what is not the same: {report:?}"));
            }
        }
        Err(wrong) => wrongs.push(wrong),
    }
    let everything = everything(stage).await;
    wrongs.extend(all_agree(stage, &everything).await);
    wrongs.extend(nobody_was_disturbed(stage));
    wrongs.extend(nothing_is_lost(stage, &everything));
    (wrongs, everything)
}

async fn heal(stage: &mut Stage) -> Result<(), String> {
    stage.weather.clear();
    stage.post.set(Post::Prompt);
    stage.pass_time(A_WHILE).await;
    stage.sign_in_again().await;
    // What was refused while there was trouble the person tries again.
    let engine = stage.engine();
    for refused in engine.queue_list().await.map_err(|error| error.to_string())? {
        if refused.status == QueueStatus::Failed {
            engine.queue_retry(refused.id).await.map_err(|error| error.to_string())?;
        }
    }
    let mut last = pass(stage).await?;
    for _ in 0..DECISIONS {
        if !decide(stage).await? {
            break;
        }
        last = pass(stage).await?;
    }
    let queue = engine.queue_list().await.map_err(|error| error.to_string())?;
    let stuck: Vec<_> = queue.iter().map(|item| format!("{}: {:?}", item.title, item.last_error)).collect();
    if stuck.is_empty() {
        Ok(())
    } else {
        Err(format!("after {PASSES} passes edits still wait: {stuck:?} ({last})"))
    }
}

/// Lets everybody agree, as far as that is possible.
async fn pass(stage: &mut Stage) -> Result<String, String> {
    let mut last = String::new();
    for _ in 0..PASSES {
        let report = stage.pass_to_end().await?;
        last = format!("{report:?}");
        stage.pass_time(A_WHILE).await;
    }
    Ok(last)
}

/// Has the person decide what waits for it, now for the one side and now for the other. Returns whether anything did.
async fn decide(stage: &mut Stage) -> Result<bool, String> {
    let engine = stage.engine();
    let conflicts = engine.conflicts().await.map_err(|error| error.to_string())?;
    let open: Vec<_> = conflicts.into_iter().filter(|conflict| conflict.open).collect();
    if open.is_empty() {
        return Ok(false);
    }
    // Whoever decides sees both versions, and the occurrences that go or stay with them.
    let seen = everything(stage).await;
    stage.decided.extend(seen.events.iter().map(row_of));
    for (number, conflict) in open.into_iter().enumerate() {
        let sides = [&conflict.base, &conflict.local, &conflict.remote, &conflict.now];
        stage.decided.extend(sides.into_iter().flatten().map(|content| row(content, None)));
        let side = if number % 2 == 0 { ConflictSide::Remote } else { ConflictSide::Local };
        let resolution = Resolution::Keep { side };
        match engine.resolve_conflict(conflict.event_id, conflict.link_id, resolution).await {
            // Another decision may have settled it.
            Ok(_) | Err(EngineError::NotFound { .. }) => {}
            Err(error) => return Err(format!("a conflict cannot be decided: {error}")),
        }
    }
    Ok(true)
}

async fn all_agree(stage: &Stage, everything: &Everything) -> Vec<String> {
    let mut wrongs = Vec::new();
    let views = match shown_here(stage).await {
        Ok(views) => views,
        Err(wrong) => return vec![wrong],
    };
    for place in &stage.places {
        let here: BTreeSet<Shown> = views
            .iter()
            .filter(|view| view.calendar_id == place.calendar && view.status != EventStatus::Cancelled)
            .map(shown)
            .collect();
        let rows: Vec<Row> = rows_of(&everything.events, place);
        wrongs.extend(twins(&rows).into_iter().map(|twin| format!("here: {twin}")));
        wrongs.extend(twins(&place.remote.rows()).into_iter().map(|twin| format!("there: {twin}")));
        if place.tie.direction != SyncDirection::PullOnly {
            let there: BTreeSet<Shown> = place.remote.shown().await.into_iter().collect();
            let name = place.remote.calendar();
            wrongs.extend(here.difference(&there).map(|shown| format!("{name} does not show {shown:?}")));
            wrongs.extend(there.difference(&here).map(|shown| format!("only {name} shows {shown:?}")));
            wrongs.extend(texts_differ(&rows, &place.remote.rows()));
        }
    }
    wrongs
}

/// What the time line does not show.
fn texts_differ(here: &[Row], there: &[Row]) -> Vec<String> {
    let there: BTreeMap<_, _> = there.iter().map(|row| ((&row.place, &row.original_start), row)).collect();
    let mut wrongs = Vec::new();
    for row in here.iter().filter(|row| !row.called_off) {
        let Some(other) = there.get(&(&row.place, &row.original_start)) else { continue };
        if row.description != other.description || row.rule != other.rule {
            wrongs.push(format!("here it is {row:?}, there {other:?}"));
        }
    }
    wrongs
}

fn rows_of(events: &[Event], place: &Place) -> Vec<Row> {
    events.iter().filter(|event| event.calendar_id == place.calendar).map(row_of).collect()
}

fn row_of(event: &Event) -> Row {
    row(&event.content, event.occurrence_of.map(|key| original(&key.original_start)))
}

/// No mail that nobody wished, no write where none is allowed, nothing harmed that we have no word for.
fn nobody_was_disturbed(stage: &Stage) -> Vec<String> {
    let mut wrongs: Vec<String> =
        stage.google.outbox().iter().map(|mail| format!("somebody was mailed: {mail}")).collect();
    for place in stage.places.iter().filter(|place| place.tie.direction == SyncDirection::PullOnly) {
        let calendar: String =
            url::form_urlencoded::byte_serialize(place.remote.calendar().as_bytes()).collect();
        let forbidden = stage.weather.log().into_iter().filter(|line| {
            line.target.contains(&calendar) && matches!(line.verb, Verb::Create | Verb::Update | Verb::Delete)
        });
        wrongs.extend(forbidden.map(|line| format!("a forbidden write: {line:?}")));
    }
    for place in &stage.places {
        wrongs.extend(place.remote.damage());
    }
    wrongs
}

fn nothing_is_lost(stage: &Stage, everything: &Everything) -> Vec<String> {
    let mut kept: Vec<Row> = everything.events.iter().map(row_of).collect();
    kept.extend(stage.decided.iter().cloned());
    kept.extend(everything.conflicts.iter().flat_map(sides));
    let swept = stage.swept();
    stage.ledger.lost(|place, aspect: Aspect, value| {
        swept.contains(&(place.to_owned(), aspect, value.to_owned()))
            || kept.iter().any(|row| row.place == place && aspect.of(row) == value)
    })
}

fn sides(conflict: &ConflictData) -> Vec<Row> {
    [&conflict.local, &conflict.remote].into_iter().flatten().map(|content| row(content, None)).collect()
}

/// Everything that the replica has.
#[derive(Debug)]
pub struct Everything {
    /// The events that are not deleted.
    pub events: Vec<Event>,
    /// How they stand with each link.
    pub syncs: Vec<EventSync>,
    /// What merges have set aside, and the history of it.
    pub conflicts: Vec<ConflictData>,
}

/// Reads everything that the replica has.
///
/// # Panics
/// When it cannot be read.
pub async fn everything(stage: &Stage) -> Everything {
    let at = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(NaiveTime::MIN).and_utc();
    let window = TimeWindow { from: at(2020), to: at(2040), viewer: chrono_tz::Europe::Berlin };
    let replica = stage.replica().await;
    let seen = replica.seen_in_window(&window, None).await.unwrap();
    let ids: Vec<_> = seen.into_iter().map(|seen| seen.id).collect();
    let events: Vec<_> = replica.events_by_ids(&ids).await.unwrap().into_values().collect();
    let mut syncs = Vec::new();
    for event in &events {
        syncs.extend(replica.event_syncs(event.id).await.unwrap());
    }
    let mut conflicts: Vec<_> = syncs.iter().filter_map(|sync| sync.conflict_data.clone()).collect();
    for line in replica.log_entries(1000, None).await.unwrap() {
        if line.outcome == LogOutcome::Conflict {
            conflicts.push(serde_json::from_value(line.detail).unwrap());
        }
    }
    replica.close().await;
    Everything { events, syncs, conflicts }
}
