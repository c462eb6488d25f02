//! What we accept from a person, and the sentence with which we refuse the rest.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::{Attendee, Event, EventContent, Field};
use crate::recurrence::{Recurrence, RecurrenceError};
use crate::time::When;

/// The longest title we take, in bytes; Google cuts at about this length.
pub const TITLE_LIMIT: usize = 1024;
/// The longest description we take, in bytes.
pub const DESCRIPTION_LIMIT: usize = 8192;
/// The longest location we take, in bytes.
pub const LOCATION_LIMIT: usize = 1024;
/// The longest address of a person, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_LIMIT: usize = 254;
/// The longest link we take, in bytes; browsers open no longer ones reliably.
const URL_LIMIT: usize = 2048;

/// Something in an event that we do not accept, with the field it concerns and one sentence on what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The field to look at.
    pub field: Field,
    /// One sentence for the person.
    pub message: String,
}

impl Problem {
    fn new(field: Field, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Checks what a person entered: the end is not before the start, the rule reads and yields, texts have bearable
/// lengths. What providers send is not checked here; they may hold stranger things and keep them.
///
/// # Errors
/// The first [`Problem`], in the order of the fields on screen.
pub fn validate(content: &EventContent) -> Result<(), Problem> {
    checks(content).into_iter().find_map(Result::err).map_or(Ok(()), Err)
}

/// Checks what a person made of `before`. What was strange there already and stays as it is came from a provider, and
/// keeps nobody from changing the rest.
///
/// # Errors
/// As [`validate`].
pub fn validate_change(before: &EventContent, content: &EventContent) -> Result<(), Problem> {
    let stays = |problem: &Problem| {
        let is_when_kept = problem.field != Field::Recurrence || before.when == content.when;
        problem.field.is_equal(before, content) && is_when_kept
    };
    let mut problems = checks(content).into_iter().filter_map(Result::err);
    problems.find(|problem| !stays(problem)).map_or(Ok(()), Err)
}

/// The outcome of each check, in the order of the fields on screen.
fn checks(content: &EventContent) -> [Result<(), Problem>; 8] {
    [
        check_length(Field::Title, "title", &content.title, TITLE_LIMIT),
        check_when(&content.when),
        check_recurrence(content),
        check_length(Field::Location, "location", &content.location, LOCATION_LIMIT),
        check_url(Field::ConferenceUrl, content.conference_url.as_deref()),
        content.attendees.iter().try_for_each(check_attendee),
        check_length(Field::Description, "description", &content.description, DESCRIPTION_LIMIT),
        check_url(Field::Url, content.url.as_deref()),
    ]
}

/// Checks a whole event: its content, and that an override of one occurrence does not repeat itself.
///
/// # Errors
/// The first [`Problem`].
pub fn validate_event(event: &Event) -> Result<(), Problem> {
    if event.occurrence_of.is_some() && event.content.recurrence.is_some() {
        return Err(Problem::new(
            Field::Recurrence,
            "One occurrence of a series cannot repeat; change the repetition of the whole series, or copy this \
             occurrence into an event of its own.",
        ));
    }
    validate(&event.content)
}

fn check_length(field: Field, name: &str, text: &str, limit: usize) -> Result<(), Problem> {
    if text.len() <= limit {
        return Ok(());
    }
    let length = text.len();
    Err(Problem::new(
        field,
        format!("The {name} is too long ({length} of at most {limit} bytes); shorten it."),
    ))
}

fn check_when(when: &When) -> Result<(), Problem> {
    match *when {
        When::AllDay { start, end } if end <= start => {
            Err(Problem::new(Field::When, "The event ends before it begins; choose a later last day."))
        }
        // Between zones only instants can be compared: a flight may land at an earlier hour than it took off.
        When::Zoned { start, end } if end.instant() < start.instant() => Err(too_early()),
        When::Floating { start, end } if end < start => Err(too_early()),
        When::AllDay { .. } | When::Zoned { .. } | When::Floating { .. } => Ok(()),
    }
}

fn too_early() -> Problem {
    Problem::new(Field::When, "The event ends before it begins; choose a later end.")
}

fn check_recurrence(content: &EventContent) -> Result<(), Problem> {
    content.recurrence.as_ref().map_or(Ok(()), |recurrence| check_series(&content.when, recurrence))
}

/// Checks how something repeats whose first occurrence is `first`.
///
/// # Errors
/// A [`Problem`] with the recurrence.
pub fn check_series(first: &When, recurrence: &Recurrence) -> Result<(), Problem> {
    recurrence.check(first).map_err(|error| {
        let message = match error {
            RecurrenceError::Unreadable { rule, reason } => {
                format!("The repetition “{rule}” cannot be read ({reason}); choose it anew.")
            }
            RecurrenceError::NeverYields => {
                "The event would never take place with this repetition; choose other days.".to_owned()
            }
        };
        Problem::new(Field::Recurrence, message)
    })
}

/// Not whether there is such an address, only whether it can be written into a header and names a host.
fn check_attendee(attendee: &Attendee) -> Result<(), Problem> {
    let email = &attendee.email;
    let is_sound = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !host.starts_with('.')
            && !host.ends_with('.')
    });
    let is_plain = !email
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control() || "<>,;:\"".contains(letter));
    if is_sound && is_plain && email.len() <= EMAIL_LIMIT {
        return Ok(());
    }
    Err(Problem::new(
        Field::Attendees,
        format!("“{email}” is not an e-mail address; write it like ada@example.org."),
    ))
}

/// Links are opened from the window, so no scheme but the two that a browser shows a page for.
fn check_url(field: Field, url: Option<&str>) -> Result<(), Problem> {
    let Some(url) = url else { return Ok(()) };
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let is_sound = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
        && !url.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if is_sound && url.len() <= URL_LIMIT {
        return Ok(());
    }
    Err(Problem::new(
        field,
        format!("“{}” is not a link; write it like https://example.org/room.", shortened(url)),
    ))
}

/// The beginning of a text that may be of any length.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
