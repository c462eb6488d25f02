//! Plays a history, step by step.

mod there;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Once, PoisonError};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use synodic_engine::EngineError;
use synodic_engine::view::{
    EditReceipt, EventChange, EventDraft, EventMove, EventTarget, MoveAnswer, OccurrenceView, UndoToken,
};
use synodic_model::{EventContent, TimeWindow};
use synodic_providers::NotifyAttendees;

use super::check;
use super::idle::Idle;
use super::ledger::{Aspect, Entry, Value};
use super::remote::Row;
use super::stage::{LEAPS, Place, Stage};
use super::step::{Act, Edit, History, LATEST, Said, Step, place};
use super::wire::Line;
use super::words::{changed, content, original, row, start};

/// How a history ended.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What went wrong, each in a sentence.
    pub wrongs: Vec<String>,
    /// Stands for every request and every row in the end.
    pub digest: u64,
    /// What was sent.
    pub requests: Vec<Line>,
    /// What was done, in words; only told when asked for.
    pub tale: Vec<String>,
}

thread_local! {
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Plays a history to its end and looks at what became of everything.
#[must_use]
pub fn play(history: &History) -> Outcome {
    listen_for_panics();
    PANICS.with(|panics| panics.borrow_mut().clear());
    let idle = Idle::default();
    let runtime = idle.runtime();
    let mut outcome = runtime.block_on(async {
        let stage = Stage::build(history.seed, &history.setting, &idle).await;
        Player::new(stage, history).play().await
    });
    runtime.shutdown_background();
    // Workers that panic are started again; here that is no excuse.
    PANICS.with(|panics| outcome.wrongs.append(&mut panics.borrow_mut()));
    outcome
}

fn listen_for_panics() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.with(|panics| panics.borrow_mut().push(format!("a panic: {panic}")));
            usual(panic);
        }));
    });
}

/// Longer than a write takes that is under way when the program ends.
const JUST: TimeDelta = TimeDelta::minutes(1);

/// An edit that may be taken back.
struct Done {
    token: UndoToken,
    entry: Entry,
}

struct Player<'a> {
    stage: Stage,
    history: &'a History,
    done: Vec<Done>,
    tale: Vec<String>,
    /// The event that was edited last, anywhere.
    latest: String,
    /// What the person has written over here in single events: they are not to see it again.
    past: BTreeSet<Value>,
    /// When the program was last started.
    started_at: DateTime<Utc>,
    /// When events were made.
    made_at: BTreeMap<String, DateTime<Utc>>,
}

impl<'a> Player<'a> {
    fn new(stage: Stage, history: &'a History) -> Self {
        let started_at = stage.hands.now();
        Self {
            stage,
            history,
            done: Vec::new(),
            tale: Vec::new(),
            latest: String::new(),
            past: BTreeSet::new(),
            started_at,
            made_at: BTreeMap::new(),
        }
    }

    async fn play(mut self) -> Outcome {
        let mut wrongs = Vec::new();
        for step in &self.history.steps {
            if let Err(stuck) = self.wait(step).await {
                wrongs.push(format!("before step {}: {stuck}", step.number));
                break;
            }
            self.tale.push(format!(
                "{} {:>3}. {:?}",
                self.stage.hands.now().format("%H:%M:%S%.3f"),
                step.number,
                step.act
            ));
            if let Err(stuck) = self.take(step).await {
                wrongs.push(format!("step {}: {stuck}", step.number));
                break;
            }
        }
        let everything = if wrongs.is_empty() {
            let (found, everything) = check::heal_and_compare(&mut self.stage).await;
            wrongs.extend(found);
            everything
        } else {
            check::everything(&self.stage).await
        };
        wrongs.extend(self.stage.wrongs.lock().unwrap_or_else(PoisonError::into_inner).drain(..));
        let requests = self.stage.weather.log();
        let mut digest = DefaultHasher::new();
        requests.hash(&mut digest);
        format!("{everything:?}").hash(&mut digest);
        Outcome { wrongs, digest: digest.finish(), requests, tale: self.tale }
    }

    /// Lets the time before a step pass, and looks back at its end; where a listing that lags might be believed for a
    /// moment, at every moment.
    async fn wait(&mut self, step: &Step) -> Result<(), String> {
        let wait = i64::try_from(step.wait_ms).unwrap_or(i64::MAX);
        let until = self.stage.hands.now() + TimeDelta::milliseconds(wait);
        for _ in 0..LEAPS {
            if !self.stage.leap(until).await {
                break;
            }
            if self.history.setting.lag_ms > 0 {
                self.look_back().await?;
            }
        }
        self.look_back().await
    }

    async fn take(&mut self, step: &Step) -> Result<(), String> {
        match &step.act {
            Act::Here(edit) => self.edit_here(step.number, edit).await?,
            Act::There(remote, edit) => self.edit_there(step.number, *remote, edit),
            Act::Undo(back) => self.take_back(step.number, *back).await?,
            Act::Pass => self.stage.begin_pass(),
            Act::PassToEnd => {
                self.stage.pass_to_end().await?;
            }
            Act::SyncNow => self.stage.engine().sync_now(),
            Act::Mishap { on, how, skip, times } => self.stage.weather.brew(*on, *how, *skip, *times),
            Act::Poison { remote, pick } => self.poison(*remote, *pick),
            Act::Cut => self.stage.weather.cut(true),
            Act::Mend => self.stage.weather.cut(false),
            Act::Post(manners) => self.stage.post.set(*manners),
            Act::ExpireTokens => self.stage.google.expire_access_tokens(),
            Act::ForgetCursors => self.stage.google.expire_sync_tokens(),
            Act::Revoke(account) => self.stage.revoke(*account),
            Act::SetClock(hours) => self.stage.hands.set_wrong(TimeDelta::hours(i64::from(*hours))),
            Act::Crash => self.stage.crash().await,
            Act::Restart => self.stage.restart().await?,
        }
        if matches!(step.act, Act::Crash | Act::Restart) {
            // What can be taken back is forgotten with the program.
            self.done.clear();
            self.started_at = self.stage.hands.now();
        }
        Ok(())
    }

    /// Makes sure that the person does not see again what they have written over. Whoever was just started does not know
    /// any more what it wrote before, and may take a listing that lags behind that for news; and an event whose creation
    /// is still under way may be listed as it was made, and taken for an edit.
    async fn look_back(&self) -> Result<(), String> {
        let lag = TimeDelta::milliseconds(i64::try_from(self.history.setting.lag_ms).unwrap_or_default());
        let is_young = !lag.is_zero() && self.stage.hands.now() - self.started_at < lag + JUST;
        if self.past.is_empty() || is_young {
            return Ok(());
        }
        for view in shown_here(&self.stage).await?.iter().filter(|view| view.occurrence_of.is_none()) {
            for (aspect, says) in [(Aspect::Title, view.title.clone()), (Aspect::Time, start(&view.when))] {
                let value = (view.location.clone(), aspect, says);
                let made_at = self.made_at.get(&value.0);
                let is_new = made_at.is_some_and(|made_at| self.stage.hands.now() - *made_at < JUST);
                if !is_new && self.past.contains(&value) {
                    return Err(format!("the {aspect:?} of {} is “{}” again", value.0, value.2));
                }
            }
        }
        Ok(())
    }

    /// Notes what the person wrote over here. Of an event that is deleted, or whose deletion is taken back, nothing is
    /// noted any more: whoever edits it elsewhere brings it back as it is there.
    fn note_past(&mut self, entry: &Entry) {
        if entry.replaced().is_empty() {
            let place = entry.place().unwrap_or_default().to_owned();
            self.made_at.insert(place, self.stage.hands.now());
        }
        let is_change = !entry.written().is_empty() && entry.written().len() == entry.replaced().len();
        if is_change && !entry.is_taken_back() {
            self.past.extend(entry.replaced().iter().cloned());
        } else if let Some(place) = entry.place() {
            self.past.retain(|(other, ..)| other != place);
        }
    }

    async fn edit_here(&mut self, number: u32, edit: &Edit) -> Result<(), String> {
        let engine = self.stage.engine();
        let shown = shown_here(&self.stage).await?;
        let mut entry = Entry::default();
        let result = match edit {
            Edit::Add(kind) => {
                let said = Said::new(number, *kind);
                let content = content(&said);
                entry.make(&row(&content, None));
                let index = usize::try_from(number).unwrap_or_default() % self.stage.places.len();
                let calendar_id = self.stage.places[index].calendar;
                engine
                    .create_event(EventDraft { calendar_id, content, notify: NotifyAttendees::Nobody })
                    .await
            }
            Edit::Change(pick, what) => {
                let Some(chosen) = self.picked(&shown, *pick) else { return Ok(()) };
                let target = whole(chosen);
                let Ok(view) = engine.event(target).await else { return Ok(()) };
                let after = changed(&view.content, *what, number);
                let (before_row, after_row) = (row(&view.content, None), row(&after, None));
                let is_series = before_row.rule.is_some();
                if is_series && (before_row.rule != after_row.rule || before_row.start != after_row.start) {
                    self.stage.note_reshaped(&before_row.place);
                    self.note_occurrences(&mut entry, chosen, &shown).await;
                }
                entry.change(&before_row, &after_row, None);
                engine.change_event(unmailed(target, after)).await
            }
            Edit::ChangeOne(pick, nth, what) => {
                let Some(chosen) = self.occurrence(&shown, *pick, *nth) else { return Ok(()) };
                let Some((target, before, series)) = self.look_at(chosen).await else { return Ok(()) };
                let after = changed(&before.content, *what, number);
                entry.change(&before.row, &row(&after, before.row.original_start.clone()), Some(&series));
                engine.change_event(unmailed(target, after)).await
            }
            Edit::CallOff(pick, nth) => {
                let Some(chosen) = self.occurrence(&shown, *pick, *nth) else { return Ok(()) };
                let Some((target, before, series)) = self.look_at(chosen).await else { return Ok(()) };
                entry.delete(&before.row, Some(&series));
                engine.delete_event(target, NotifyAttendees::Nobody).await
            }
            Edit::Delete(pick) => {
                let Some(chosen) = self.picked(&shown, *pick) else { return Ok(()) };
                let target = whole(chosen);
                let Ok(view) = engine.event(target).await else { return Ok(()) };
                entry.delete(&row(&view.content, None), None);
                self.note_occurrences(&mut entry, chosen, &shown).await;
                engine.delete_event(target, NotifyAttendees::Nobody).await
            }
            Edit::ChangeFollowing(pick, nth, what) => {
                let Some(chosen) = self.occurrence(&shown, *pick, *nth) else { return Ok(()) };
                let Some(target) = self.following(chosen).await else { return Ok(()) };
                let Ok(view) = engine.event(target).await else { return Ok(()) };
                let mut after = changed(&view.content, *what, number);
                // A series of its own is an event of its own.
                after.location = place(number);
                entry.make(&row(&after, None));
                self.stage.note_reshaped(&chosen.location);
                let mut also = Entry::default();
                self.note_occurrences(&mut also, chosen, &shown).await;
                entry.also = Some(Box::new(also));
                engine.change_event(unmailed(target, after)).await
            }
            Edit::DeleteFollowing(pick, nth) => {
                let Some(chosen) = self.occurrence(&shown, *pick, *nth) else { return Ok(()) };
                let Some(target) = self.following(chosen).await else { return Ok(()) };
                self.stage.note_reshaped(&chosen.location);
                self.note_occurrences(&mut entry, chosen, &shown).await;
                engine.delete_event(target, NotifyAttendees::Nobody).await
            }
            Edit::Move(pick) => {
                let Some(chosen) = self.picked(&shown, *pick) else { return Ok(()) };
                let EventTarget::Event { id } = whole(chosen) else { return Ok(()) };
                let places = &self.stage.places;
                let Some(from) = places.iter().find(|place| place.calendar == chosen.calendar_id) else {
                    return Ok(());
                };
                let is_other = |place: &&Place| place.calendar != from.calendar;
                let Some(Place { calendar: calendar_id, .. }) = places.iter().find(is_other).cloned() else {
                    return Ok(());
                };
                let notify = NotifyAttendees::Nobody;
                match engine.move_event(EventMove { id, calendar_id, confirmed: true, notify }).await {
                    Ok(MoveAnswer::Moved { receipt }) => Ok(*receipt),
                    Ok(MoveAnswer::Confirm { message }) => return Err(format!("asked again: {message}")),
                    Err(error) => Err(error),
                }
            }
        };
        self.note(number, entry, result)
    }

    /// An occurrence and all that follow it, unless that is the whole series.
    async fn following(&self, from: &OccurrenceView) -> Option<EventTarget> {
        let key = from.occurrence_of?;
        let scopes = self.stage.engine().edit_scopes(key).await.ok()?;
        (!scopes.is_first).then_some(EventTarget::Following { key })
    }

    /// The event with this number, or the one that was edited last.
    fn picked<'l, T: Placed>(&self, from: &'l [T], pick: u8) -> Option<&'l T> {
        let latest = from.iter().find(|event| pick == LATEST && event.place() == self.latest);
        latest.or_else(|| chosen(from, pick))
    }

    /// The occurrence with a number, of a series with another.
    fn occurrence<'l>(&self, shown: &'l [OccurrenceView], pick: u8, nth: u8) -> Option<&'l OccurrenceView> {
        let series: Vec<_> = shown.iter().filter(|shown| shown.occurrence_of.is_some()).collect();
        let series = self.picked(&series, pick)?.occurrence_of?.series_id;
        let of_it = shown.iter().filter(|shown| shown.occurrence_of.is_some_and(|of| of.series_id == series));
        chosen(&of_it.collect::<Vec<_>>(), nth).copied()
    }

    /// Notes an edit if it was acknowledged. A refusal with a reason is no fault; anything else is.
    fn note(
        &mut self,
        number: u32,
        entry: Entry,
        result: Result<EditReceipt, EngineError>,
    ) -> Result<(), String> {
        match result {
            Ok(receipt) => {
                self.stage.ledger.note(&entry, number);
                self.note_past(&entry);
                entry.place().unwrap_or_default().clone_into(&mut self.latest);
                self.done.push(Done { token: receipt.undo, entry });
                Ok(())
            }
            Err(
                refusal @ (EngineError::Invalid(..)
                | EngineError::NotFound { .. }
                | EngineError::ReadOnly { .. }
                | EngineError::Stale { .. }
                | EngineError::Unacceptable { .. }),
            ) => {
                self.tale.push(format!("     refused: {refusal}"));
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn take_back(&mut self, number: u32, back: u8) -> Result<(), String> {
        let Some(place) = self.done.len().checked_sub(1 + usize::from(back)) else { return Ok(()) };
        let Done { token, entry } = self.done.remove(place);
        let mut entry = entry.taken_back();
        // Who takes back that a series was made lets go of its occurrences, too.
        let made: Vec<String> = entry.written().iter().map(|(place, ..)| place.clone()).collect();
        let is_making = made.len() == Aspect::ALL.len();
        let mut gone = Entry::default();
        let shown = shown_here(&self.stage).await?;
        for other in shown.iter().filter(|other| is_making && made.first() == Some(&other.location)) {
            if let Some((_, before, series)) = self.look_at(other).await {
                gone.delete(&before.row, Some(&series));
            }
        }
        entry.also = Some(Box::new(gone));
        let result = self.stage.engine().undo(token).await;
        self.note(number, entry, result)
    }

    /// Notes that all occurrences of a series go or move with it.
    async fn note_occurrences(&self, entry: &mut Entry, series: &OccurrenceView, shown: &[OccurrenceView]) {
        let Some(key) = series.occurrence_of else { return };
        for other in shown {
            let is_own = other.occurrence_of.is_some_and(|of| of.series_id == key.series_id)
                && other.event_id != key.series_id;
            if is_own && let Some((_, before, series)) = self.look_at(other).await {
                entry.delete(&before.row, Some(&series));
            }
        }
    }

    /// An occurrence as the person sees it, and the series that it belongs to.
    async fn look_at(&self, shown: &OccurrenceView) -> Option<(EventTarget, Seen, Row)> {
        let engine = self.stage.engine();
        let key = shown.occurrence_of?;
        let target = EventTarget::Occurrence { key };
        let content = engine.event(target).await.ok()?.content;
        let series = engine.event(EventTarget::Event { id: key.series_id }).await.ok()?.content;
        let original_start = Some(original(&key.original_start));
        let seen = Seen { row: row(&content, original_start), content };
        Some((target, seen, row(&series, None)))
    }

    fn poison(&self, remote: u8, pick: u8) {
        let Some(place) = chosen(&self.stage.places, remote) else { return };
        let rows = place.remote.rows();
        if let Some(row) = chosen(&rows, pick) {
            self.stage.weather.poison(&row.id);
        }
    }
}

/// What belongs to one of a history's events.
trait Placed {
    /// What makes the event the same one everywhere.
    fn place(&self) -> &str;
}

impl Placed for Row {
    fn place(&self) -> &str {
        &self.place
    }
}

impl Placed for OccurrenceView {
    fn place(&self) -> &str {
        &self.location
    }
}

impl<T: Placed> Placed for &T {
    fn place(&self) -> &str {
        (**self).place()
    }
}

/// An occurrence as the person sees it.
struct Seen {
    row: Row,
    content: EventContent,
}

/// What the window shows of the time in which histories take place.
///
/// # Errors
/// When the replica cannot be read.
///
/// # Panics
/// Never: the days are in the calendar.
pub async fn shown_here(stage: &Stage) -> Result<Vec<OccurrenceView>, String> {
    let at = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(NaiveTime::MIN).and_utc();
    let window = TimeWindow { from: at(2026), to: at(2028), viewer: chrono_tz::Europe::Berlin };
    stage.engine().occurrences(window).await.map_err(|error| error.to_string())
}

fn whole(shown: &OccurrenceView) -> EventTarget {
    EventTarget::Event { id: shown.occurrence_of.map_or(shown.event_id, |key| key.series_id) }
}

/// The one with this number, counted on from the first when there are fewer.
fn chosen<T>(from: &[T], number: u8) -> Option<&T> {
    if from.is_empty() { None } else { from.get(usize::from(number) % from.len()) }
}

/// A change of which nobody is told.
fn unmailed(target: EventTarget, content: EventContent) -> EventChange {
    EventChange { target, content, seen_revision: None, notify: NotifyAttendees::Nobody }
}
