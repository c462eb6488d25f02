//! Calendar files: looked at before anything is written, taken in as one edit, and given out.
//!
//! An event is recognised by its UID within the calendar that the person chose. One that is there in another form stays,
//! unless the person wants what the file says. An import writes as every edit does: the history knows it, the outbox of
//! each link hears of it, and it is taken back with one token. Nobody is ever mailed of it.

mod compare;
mod export;
mod take_in;

use synodic_icalendar::file::{self, Entry, File};
use synodic_model::CalendarId;
use synodic_model::sync::PRIORITY_BACKGROUND;
use synodic_providers::NotifyAttendees;
use synodic_store::Durability;

use self::take_in::plan;
use crate::edit::rows::RowChange;
use crate::edit::{commit, home};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::queue::Mark;
use crate::view::{
    Failure, ImportChoice, ImportFate, ImportPlace, ImportPreview, ImportProgress, ImportReport, ImportRow,
    UnreadableView, count,
};

/// The most events, and the most unreadable ones, that a preview names.
const SHOWN: usize = 200;
/// Events that are written in one transaction. A person who edits meanwhile waits for one of them, not for all.
const BATCH: usize = 2000;

impl Engine {
    /// What an import would do: into a calendar, or into a new one that is still to be made. Nothing is written.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when this is no calendar file, [`EngineError::ReadOnly`] when the calendar takes no
    /// events, [`EngineError::NotFound`] when it is not there, [`EngineError::Store`] when the replica cannot be read.
    pub async fn plan_import(
        &self,
        bytes: Vec<u8>,
        calendar: Option<CalendarId>,
    ) -> Result<ImportPreview, EngineError> {
        let File { name, entries, unreadable, doubts, others, .. } = read(bytes).await?;
        let mut preview = ImportPreview {
            name,
            unreadable: count(unreadable.len()),
            unreadable_ones: unreadable
                .into_iter()
                .take(SHOWN)
                .map(|entry| UnreadableView { title: entry.title, reason: entry.reason.to_string() })
                .collect(),
            doubts: doubts.into_iter().take(SHOWN).collect(),
            others: count(others),
            ..ImportPreview::default()
        };
        let mut rows = Vec::new();
        // The first batch is there even of an empty file: whether the calendar takes events is to be said either way.
        for batch in batches(&entries) {
            let fates = match calendar {
                Some(calendar) => self.fates(calendar, batch).await?,
                None => vec![ImportFate::New; batch.len()],
            };
            for (entry, fate) in batch.iter().zip(fates) {
                match fate {
                    ImportFate::New => preview.new += 1,
                    ImportFate::Same => preview.same += 1,
                    ImportFate::Changed => preview.changed += 1,
                    ImportFate::Refused => {
                        preview.changed += 1;
                        preview.refused += 1;
                    }
                }
                rows.push(row(entry, fate));
            }
            // Sorting keeps the file's order among equals.
            rows.sort_by_key(|row| row.fate);
            rows.truncate(SHOWN);
        }
        preview.rows = rows;
        Ok(preview)
    }

    async fn fates(&self, calendar: CalendarId, batch: &[Entry]) -> Result<Vec<ImportFate>, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
        let home = home(&mut transaction, calendar).await?;
        home.check(&[])?;
        let plans = plan(&self.inner, &mut transaction, &home, batch, ImportChoice::Skip).await?;
        Ok(plans.into_iter().map(|plan| plan.fate).collect())
    }

    /// Takes a file's events into a calendar. Many of them are written in several steps, and `told` hears of each. Should
    /// one fail, those before stay and the report says why it stopped: all that came in can be taken back, and importing
    /// the file again goes on from there.
    ///
    /// # Errors
    /// As [`Engine::plan_import`], when nothing was written.
    pub async fn import(
        &self,
        bytes: Vec<u8>,
        place: ImportPlace,
        choice: ImportChoice,
        told: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<ImportReport, EngineError> {
        let file = read(bytes).await?;
        let now = self.inner.clock.now();
        let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
        let mut progress = ImportProgress { done: 0, total: count(file.entries.len()) };
        let (mut sums, mut written, mut stopped) = (Sums::default(), Vec::new(), None);
        for batch in batches(&file.entries) {
            match self.take_in(place.calendar_id, batch, choice, mark, &mut sums).await {
                Ok(rows) => written.extend(rows),
                Err(error) if written.is_empty() => return Err(error),
                Err(error) => {
                    stopped = Some(Failure::from(&error).message);
                    break;
                }
            }
            progress.done += count(batch.len());
            told(progress);
        }
        let Sums { created, replaced, skipped, same } = sums;
        let made = if place.is_new {
            self.inner.store.calendar(place.calendar_id).await.ok().flatten()
        } else {
            None
        };
        let undo = self.inner.remember_with(written, NotifyAttendees::Nobody, made);
        let unreadable = count(file.unreadable.len());
        Ok(ImportReport { created, replaced, skipped, same, unreadable, stopped, undo })
    }

    /// Writes some of a file's events in one transaction; answers the rows, and adds to the sums once they are kept.
    async fn take_in(
        &self,
        calendar: CalendarId,
        batch: &[Entry],
        choice: ImportChoice,
        mark: Mark,
        sums: &mut Sums,
    ) -> Result<Vec<RowChange>, EngineError> {
        let mut transaction = self.inner.store.begin(Durability::Edit).await?;
        let home = home(&mut transaction, calendar).await?;
        home.check(&[])?;
        let plans = plan(&self.inner, &mut transaction, &home, batch, choice).await?;
        let (mut rows, mut fates) = (Vec::new(), Vec::with_capacity(plans.len()));
        for plan in plans {
            fates.push(plan.fate);
            rows.extend(plan.rows);
        }
        let links = commit::write_as(&mut transaction, &rows, mark).await?;
        transaction.commit().await?;
        for fate in fates {
            match fate {
                ImportFate::New => sums.created += 1,
                ImportFate::Same => sums.same += 1,
                ImportFate::Changed if choice == ImportChoice::Replace => sums.replaced += 1,
                ImportFate::Changed | ImportFate::Refused => sums.skipped += 1,
            }
        }
        if !rows.is_empty() {
            self.inner.tell_edited(&rows, &links).await;
        }
        Ok(rows)
    }
}

/// What became of the events of a file so far.
#[derive(Debug, Default)]
struct Sums {
    created: u32,
    replaced: u32,
    skipped: u32,
    same: u32,
}

/// Reads a file where it keeps nobody waiting.
async fn read(bytes: Vec<u8>) -> Result<File, EngineError> {
    let read = tokio::task::spawn_blocking(move || file::read(&bytes)).await;
    let read = read.map_err(|_| EngineError::Closing)?;
    read.map_err(|reason| {
        let reason = format!("The file cannot be imported: {reason}.");
        EngineError::Unacceptable { reason }
    })
}

fn batches(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    let empty: &[Entry] = &[];
    entries.is_empty().then_some(empty).into_iter().chain(entries.chunks(BATCH))
}

fn row(entry: &Entry, fate: ImportFate) -> ImportRow {
    ImportRow {
        title: entry.content.title.clone(),
        when: entry.content.when,
        repeats: entry.content.recurrence.is_some(),
        fate,
    }
}

#[cfg(test)]
mod tests;
