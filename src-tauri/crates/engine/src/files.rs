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

use self::take_in::{Plan, plan};
use crate::edit::{commit, home};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::queue::Mark;
use crate::view::{ImportChoice, ImportFate, ImportPreview, ImportReport, ImportRow, UnreadableView};

/// The most events, and the most unreadable ones, that a preview names.
const SHOWN: usize = 200;
/// Events that are written in one transaction. A person who edits meanwhile waits for one of them, not for all.
const BATCH: usize = 2000;

impl Engine {
    /// What an import would do. Nothing is written.
    ///
    /// # Errors
    /// [`EngineError::Unacceptable`] when this is no calendar file, [`EngineError::ReadOnly`] when the calendar takes no
    /// events, [`EngineError::NotFound`] when it is not there, [`EngineError::Store`] when the replica cannot be read.
    pub async fn plan_import(
        &self,
        bytes: Vec<u8>,
        calendar: CalendarId,
    ) -> Result<ImportPreview, EngineError> {
        let File { name, entries, unreadable, doubts, others } = read(bytes).await?;
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
            let mut transaction = self.inner.store.begin(Durability::Pulled).await?;
            let home = home(&mut transaction, calendar).await?;
            home.check(&[])?;
            let plans = plan(&self.inner, &mut transaction, &home, batch, ImportChoice::Skip).await?;
            for (entry, Plan { fate, .. }) in batch.iter().zip(plans) {
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

    /// Takes a file's events into a calendar. Many of them are written in several steps; should one fail, those before
    /// stay, and importing the file again goes on from there.
    ///
    /// # Errors
    /// As [`Engine::plan_import`].
    pub async fn import(
        &self,
        bytes: Vec<u8>,
        calendar: CalendarId,
        choice: ImportChoice,
    ) -> Result<ImportReport, EngineError> {
        let file = read(bytes).await?;
        let now = self.inner.clock.now();
        let mark = Mark { priority: PRIORITY_BACKGROUND, notify: NotifyAttendees::Nobody, now };
        let (mut created, mut replaced, mut skipped, mut same) = (0, 0, 0, 0);
        let mut written = Vec::new();
        for batch in batches(&file.entries) {
            let mut transaction = self.inner.store.begin(Durability::Edit).await?;
            let home = home(&mut transaction, calendar).await?;
            home.check(&[])?;
            let plans = plan(&self.inner, &mut transaction, &home, batch, choice).await?;
            let mut rows = Vec::new();
            for Plan { fate, rows: planned } in plans {
                match fate {
                    ImportFate::New => created += 1,
                    ImportFate::Same => same += 1,
                    ImportFate::Changed if choice == ImportChoice::Replace => replaced += 1,
                    ImportFate::Changed | ImportFate::Refused => skipped += 1,
                }
                rows.extend(planned);
            }
            let links = commit::write_as(&mut transaction, &rows, mark).await?;
            transaction.commit().await?;
            if !rows.is_empty() {
                self.inner.tell_edited(&rows, &links).await;
            }
            written.extend(rows);
        }
        let undo = self.inner.remember(written, NotifyAttendees::Nobody);
        Ok(ImportReport { created, replaced, skipped, same, unreadable: count(file.unreadable.len()), undo })
    }
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

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
