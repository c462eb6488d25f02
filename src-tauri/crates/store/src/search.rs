//! Finding events by what they say: their title, place, description and guests.
//!
//! The words are in an FTS5 table that the schema's triggers keep current (<https://sqlite.org/fts5.html>). Here what a
//! person types becomes a query that FTS5 can always read, and the rows that it finds become what a view needs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use synodic_model::{CalendarId, EventId};

use crate::StoreError;
use crate::column::{Millis, Word, json};
use crate::connection::Connection;
use crate::window::{Seen, SeenRow};

/// How many words count. Whoever types more has pasted something, and more would not narrow it any further.
const MOST_WORDS: usize = 16;

/// What a search has come upon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The events that say what was searched for, and all overrides of the series among them, by id.
    pub rows: Vec<Seen>,
    /// Which of the rows say it: an override may be there only because its series does.
    pub saying: BTreeSet<EventId>,
}

reads! {
    /// The events of `calendars` that say every word of `text`, the last letters of a word may be missing. Nothing when
    /// `text` has no word.
    ///
    /// Series that go on after `now` come all, for only their rules know when they take place next; of what else goes on
    /// after `now` the first `limit`, and of what is past the last `limit`. Deleted events are left out.
    fn search(text: &str, calendars: &[CalendarId], now: DateTime<Utc>, limit: u32) -> Found;
}

async fn search(
    connection: &mut Connection,
    text: &str,
    calendars: &[CalendarId],
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Found, StoreError> {
    const DOING: &str = "searching events";
    let Some(query) = query(text) else { return Ok(Found::default()) };
    // What the index finds may be much and is narrowed before a row's content is read. One statement sees one state.
    let rows = sqlx::query!(
        r#"WITH hit AS MATERIALIZED (
            SELECT event.rowid AS number, event.is_series, event.starts_at, event.ends_at
            FROM event_search
            CROSS JOIN event_search_number AS numbered ON numbered.number = event_search.rowid
            CROSS JOIN event ON event.id = numbered.event_id
            WHERE event_search MATCH ?1 AND event.deleted_at IS NULL
                AND event.calendar_id IN (SELECT value FROM json_each(?2))
        ), kept AS MATERIALIZED (
            SELECT number FROM hit WHERE is_series AND (ends_at IS NULL OR ends_at > ?3)
            UNION ALL
            SELECT number FROM (SELECT number FROM hit
                WHERE NOT is_series AND (ends_at IS NULL OR ends_at > ?3) ORDER BY starts_at LIMIT ?4)
            UNION ALL
            SELECT number FROM (SELECT number FROM hit WHERE ends_at <= ?3 ORDER BY starts_at DESC LIMIT ?4)
        )
        SELECT event.id AS "id!: Word<EventId>", event.rowid IN (SELECT number FROM kept) AS "is_saying!: bool",
            '["' || event.id || '","' || event.calendar_id || '",'
            || ifnull('"' || event.series_id || '",' || event.original_start, 'null,null') || ','
            || (SELECT json_group_array(event_sync.status) FROM event_sync WHERE event_sync.event_id = event.id)
            || ',' || event.content || ']' AS "row!: Json<SeenRow>"
        FROM event WHERE rowid IN (
            SELECT number FROM kept
            UNION ALL
            SELECT moved.rowid
            FROM kept
            CROSS JOIN event AS master ON master.rowid = kept.number
            CROSS JOIN event AS moved ON moved.series_id = master.id
            WHERE master.is_series AND moved.deleted_at IS NULL
        )"#,
        query,
        json(calendars, DOING)?,
        Millis(now),
        limit
    )
    .fetch_all(connection)
    .await
    .map_err(StoreError::during(DOING))?;

    let saying = rows.iter().filter(|row| row.is_saying).map(|row| row.id.0).collect();
    let mut rows: Vec<_> = rows.into_iter().map(|row| Seen::from(row.row.0)).collect();
    rows.sort_unstable_by_key(|row| row.id);
    Ok(Found { rows, saying })
}

/// Writes what was typed as an FTS5 query: each word in quotes, within which nothing has a meaning, and the beginning
/// of a word suffices. None when there is no letter and no digit in it.
fn query(text: &str) -> Option<String> {
    // A NUL would end the query in the middle of a word.
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    // What has no letter and no digit is no word to the tokenizer either.
    let words = words.filter(|word| word.chars().any(char::is_alphanumeric)).take(MOST_WORDS);
    let terms: Vec<_> = words.map(|word| format!("\"{}\"*", word.replace('"', "\"\""))).collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn words_become_prefixes_in_quotes() {
        for (typed, terms) in [
            ("lunch", Some("\"lunch\"*")),
            ("  Lunch\twith\u{a0}Ada ", Some("\"Lunch\"* \"with\"* \"Ada\"*")),
            ("ada@example.com", Some("\"ada@example.com\"*")),
            ("say \"hi", Some("\"say\"* \"\"\"hi\"*")),
            ("a AND NOT title:b*", Some("\"a\"* \"AND\"* \"NOT\"* \"title:b*\"*")),
            ("nul\0nul", Some("\"nul\"* \"nul\"*")),
            ("", None),
            (" - \"\" * () \u{1F389}", None),
            ("\u{1F389} party", Some("\"party\"*")),
        ] {
            assert_eq!(query(typed).as_deref(), terms, "{typed:?}");
        }
        let pasted = query(&"word ".repeat(5000)).unwrap();
        assert_eq!(pasted.split(' ').count(), super::MOST_WORDS);
    }
}
