//! `synodic event`: list, show, add, change and delete events.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use synodic_engine::view::{
    CalendarView, EditReceipt, EventAnswer, EventChange, EventDraft, EventMove, EventTarget, EventView,
    Failure, MoveAnswer, NotifyAttendees, OccurrenceView, SyncMark,
};
use synodic_model::{EventContent, EventId, OccurrenceKey, Recurrence, ResponseStatus, When};

use super::host::{Host, with};
use super::times::{Times, day_window};
use super::{Global, calendar, invalid, not_found, print, table};
use crate::call::Call;
use crate::environment::viewer_zone;

#[derive(Debug, Subcommand)]
pub(super) enum EventCommand {
    /// List what takes place in a stretch of days.
    List {
        /// The first day, as 2026-11-23.
        #[arg(long, value_name = "DAY")]
        from: NaiveDate,
        /// The day after the last one.
        #[arg(long, value_name = "DAY")]
        to: NaiveDate,
    },
    /// Search titles, places, descriptions and guests: what comes next first, then what is past, the latest first.
    Search {
        /// Words, of each the beginning is enough.
        #[arg(required = true)]
        text: Vec<String>,
        /// How many to show at most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show one event.
    Show(Which),
    /// Add an event.
    Add {
        /// The calendar's id or name.
        #[arg(long)]
        calendar: String,
        /// What it is called.
        #[arg(long)]
        title: String,
        /// When it starts: 2026-11-23T09:00, or 2026-11-23 for a whole day.
        #[arg(long)]
        start: String,
        /// When it ends, exclusive [default: an hour, or a day, after the start].
        #[arg(long)]
        end: Option<String>,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        guests: Guests,
    },
    /// Change an event. What is not named stays as it is.
    Edit {
        #[command(flatten)]
        which: Which,
        /// A new title.
        #[arg(long)]
        title: Option<String>,
        /// A new start.
        #[arg(long)]
        start: Option<String>,
        /// A new end, exclusive.
        #[arg(long)]
        end: Option<String>,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        guests: Guests,
    },
    /// Delete an event, a series with all of its occurrences, one occurrence, or one and all that follow.
    Delete {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        guests: Guests,
    },
    /// Move an event, a series with all of its occurrences, to another calendar.
    Move {
        /// The event's id from “synodic event list”.
        id: EventId,
        /// The id or name of the calendar it goes to.
        #[arg(long)]
        calendar: String,
        /// Where it cannot be moved, make a copy there and delete it here.
        #[arg(long)]
        copy: bool,
        #[command(flatten)]
        guests: Guests,
    },
    /// Say whether you come to what you are invited to.
    Answer {
        #[command(flatten)]
        which: Which,
        /// Your answer.
        #[arg(value_enum)]
        answer: Answer,
        #[command(flatten)]
        guests: Guests,
    },
}

/// Whether others hear of an edit by mail.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Guests {
    /// Tell the guests by mail; otherwise nobody is mailed.
    #[arg(long)]
    notify: bool,
}

impl Guests {
    const fn told(self) -> NotifyAttendees {
        if self.notify { NotifyAttendees::Everybody } else { NotifyAttendees::Nobody }
    }
}

/// Whether a guest comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Answer {
    /// Comes.
    Yes,
    /// Does not come.
    No,
    /// May come.
    Maybe,
}

impl From<Answer> for ResponseStatus {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::Accepted,
            Answer::No => Self::Declined,
            Answer::Maybe => Self::Tentative,
        }
    }
}

/// Names an event.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The event's id from “synodic event list”.
    id: EventId,
    /// Only this occurrence of the series, by its key from “synodic event list” (20261123T090000Z).
    #[arg(long, value_name = "KEY")]
    occurrence: Option<String>,
    /// That occurrence and all that follow it.
    #[arg(long, requires = "occurrence")]
    following: bool,
}

/// What an event may say beside its title and its time.
#[derive(Debug, Args)]
pub(super) struct Details {
    /// It lasts whole days.
    #[arg(long)]
    all_day: bool,
    /// The IANA zone of start and end [default: this machine's].
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,
    /// How it repeats, as FREQ=WEEKLY;BYDAY=MO; empty ends the repetition.
    #[arg(long, value_name = "RULE")]
    rrule: Option<String>,
    /// Where it takes place.
    #[arg(long)]
    location: Option<String>,
    /// What is to be said about it.
    #[arg(long)]
    description: Option<String>,
}

pub(super) async fn run(command: EventCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    with(&global, async |host| match command {
        EventCommand::List { from, to } => list(host, json, from, to).await,
        EventCommand::Search { text, limit } => search(host, json, text.join(" "), limit).await,
        EventCommand::Show(which) => {
            let target = which.target(host).await?;
            let event: EventView = host.ask(Call::Event { target }).await?;
            print(json, &event, describe)
        }
        EventCommand::Add { calendar, title, start, end, details, guests } => {
            let calendar = calendar::find(host, &calendar).await?;
            let content = new_content(title, &start, end.as_deref(), &details)?;
            let draft = EventDraft { calendar_id: calendar.id, content, notify: guests.told() };
            let event = edited(host.ask(Call::CreateEvent { draft }).await?)?;
            print(json, &event, |event| format!("“{}” is there.\n{}", event.content.title, describe(event)))
        }
        EventCommand::Edit { which, title, start, end, details, guests } => {
            let target = which.target(host).await?;
            let event: EventView = host.ask(Call::Event { target }).await?;
            let content = changed(event.content, title, start.as_deref(), end.as_deref(), &details)?;
            let seen_revision = Some(event.revision);
            let change = EventChange { target, content, seen_revision, notify: guests.told() };
            let event = edited(host.ask(Call::ChangeEvent { change }).await?)?;
            print(json, &event, describe)
        }
        EventCommand::Delete { which, guests } => {
            let target = which.target(host).await?;
            let event: EventView = host.ask(Call::Event { target }).await?;
            host.ask::<EditReceipt>(Call::DeleteEvent { target, notify: guests.told() }).await?;
            print(json, &json!({ "deleted": event.id }), |_| format!("“{}” is deleted.", event.content.title))
        }
        EventCommand::Move { id, calendar, copy, guests } => {
            let calendar = calendar::find(host, &calendar).await?;
            let wish = EventMove { id, calendar_id: calendar.id, confirmed: copy, notify: guests.told() };
            match host.ask(Call::MoveEvent { wish }).await? {
                MoveAnswer::Moved { receipt } => {
                    let event = edited(*receipt)?;
                    print(json, &event, |event| {
                        format!("“{}” is in “{}”.\n{}", event.content.title, calendar.name, describe(event))
                    })
                }
                MoveAnswer::Confirm { message } => {
                    Err(invalid(format!("{message} Say --copy if that is what you want.")))
                }
            }
        }
        EventCommand::Answer { which, answer, guests } => {
            let target = which.target(host).await?;
            let answer = EventAnswer { target, response: answer.into(), notify: guests.told() };
            let event = edited(host.ask(Call::AnswerEvent { answer }).await?)?;
            print(json, &event, describe)
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn list(host: &Host, json: bool, from: NaiveDate, to: NaiveDate) -> Result<(), Failure> {
    let window = day_window(from, to, viewer_zone())?;
    let occurrences: Vec<OccurrenceView> = host.ask(Call::Occurrences { window }).await?;
    let calendars: Vec<CalendarView> = host.ask(Call::Calendars).await?;
    let nothing = "Nothing takes place then.";
    print(json, &occurrences, |occurrences| describe_list(occurrences, &calendars, nothing))
}

async fn search(host: &Host, json: bool, text: String, limit: usize) -> Result<(), Failure> {
    let found: Vec<OccurrenceView> = host.ask(Call::Search { text, limit }).await?;
    let calendars: Vec<CalendarView> = host.ask(Call::Calendars).await?;
    print(json, &found, |found| describe_list(found, &calendars, "Nothing is found."))
}

fn new_content(
    title: String,
    start: &str,
    end: Option<&str>,
    details: &Details,
) -> Result<EventContent, Failure> {
    let times = Times { zone: details.tz.as_deref(), all_day: details.all_day, viewer: viewer_zone() };
    let mut content = EventContent::new(title, times.when(start, end)?);
    details.apply(&mut content)?;
    Ok(content)
}

fn changed(
    mut content: EventContent,
    title: Option<String>,
    start: Option<&str>,
    end: Option<&str>,
    details: &Details,
) -> Result<EventContent, Failure> {
    if let Some(title) = title {
        content.title = title;
    }
    let times = Times { zone: details.tz.as_deref(), all_day: details.all_day, viewer: viewer_zone() };
    content.when = times.changed(&content.when, start, end)?;
    details.apply(&mut content)?;
    Ok(content)
}

fn edited(receipt: EditReceipt) -> Result<EventView, Failure> {
    receipt.event.ok_or_else(|| not_found("the event is gone again"))
}

impl Details {
    fn apply(&self, content: &mut EventContent) -> Result<(), Failure> {
        if let Some(location) = &self.location {
            content.location.clone_from(location);
        }
        if let Some(description) = &self.description {
            content.description.clone_from(description);
        }
        match self.rrule.as_deref() {
            None => {}
            Some("") => content.recurrence = None,
            Some(rule) => {
                let recurrence = Recurrence::from_rule(rule).map_err(|error| invalid(error.to_string()))?;
                content.recurrence = Some(recurrence);
            }
        }
        Ok(())
    }
}

impl Which {
    /// What the person means; an occurrence is looked up around the moment that its key names.
    async fn target(&self, host: &Host) -> Result<EventTarget, Failure> {
        let Some(key) = &self.occurrence else { return Ok(EventTarget::Event { id: self.id }) };
        let missing =
            || not_found(format!("the series has no occurrence “{key}”; “synodic event list” shows them"));
        let day =
            key.get(..8).and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok()).ok_or_else(missing)?;
        let window = day_window(day - chrono::Days::new(40), day + chrono::Days::new(40), viewer_zone())?;
        let occurrences: Vec<OccurrenceView> = host.ask(Call::Occurrences { window }).await?;
        occurrences
            .into_iter()
            .filter_map(|occurrence| occurrence.occurrence_of)
            .find(|found| found.series_id == self.id && found.original_start.key() == *key)
            .map(|key: OccurrenceKey| match self.following {
                true => EventTarget::Following { key },
                false => EventTarget::Occurrence { key },
            })
            .ok_or_else(missing)
    }
}

fn describe_list(occurrences: &[OccurrenceView], calendars: &[CalendarView], nothing: &str) -> String {
    if occurrences.is_empty() {
        return nothing.into();
    }
    let viewer = viewer_zone();
    let rows: Vec<_> = occurrences
        .iter()
        .map(|occurrence| {
            let calendar = calendars.iter().find(|calendar| calendar.id == occurrence.calendar_id);
            let (id, key) = match &occurrence.occurrence_of {
                Some(key) => (key.series_id, format!("--occurrence {}", key.original_start.key())),
                None => (occurrence.event_id, String::new()),
            };
            vec![
                when_line(&occurrence.when, viewer),
                title_line(occurrence),
                calendar.map(|calendar| calendar.name.clone()).unwrap_or_default(),
                format!("{id} {key}"),
            ]
        })
        .collect();
    table(&rows)
}

fn title_line(occurrence: &OccurrenceView) -> String {
    let title = if occurrence.title.is_empty() { "(no title)" } else { &occurrence.title };
    match occurrence.sync {
        SyncMark::Local | SyncMark::Synced => title.to_owned(),
        SyncMark::Pending => format!("{title} (to send)"),
        SyncMark::Conflict => format!("{title} (to decide)"),
        SyncMark::Failed => format!("{title} (refused)"),
    }
}

/// A time as people write it, in the reader's zone.
fn when_line(when: &When, viewer: chrono_tz::Tz) -> String {
    match when {
        When::AllDay { start, end } if *end - *start == chrono::TimeDelta::days(1) => {
            start.format("%a %d %b %Y").to_string()
        }
        When::AllDay { start, end } => {
            format!("{} – {}", start.format("%a %d %b"), end.pred_opt().unwrap_or(*end).format("%a %d %b %Y"))
        }
        When::Zoned { .. } | When::Floating { .. } => {
            let (start, end) = when.instants(viewer);
            let (start, end) = (start.with_timezone(&viewer), end.with_timezone(&viewer));
            let end_form = if start.date_naive() == end.date_naive() { "%H:%M" } else { "%a %d %b %H:%M" };
            format!("{} – {}", start.format("%a %d %b %Y %H:%M"), end.format(end_form))
        }
    }
}

fn describe(event: &EventView) -> String {
    let content = &event.content;
    let mut rows = vec![
        vec!["Title".to_owned(), content.title.clone()],
        vec!["When".to_owned(), when_line(&content.when, viewer_zone())],
    ];
    if let Some(recurrence) = &content.recurrence {
        rows.push(vec!["Repeats".into(), recurrence.rules.join("; ")]);
    }
    for (name, text) in [("Where", &content.location), ("About", &content.description)] {
        if !text.is_empty() {
            rows.push(vec![name.into(), text.replace('\n', " ")]);
        }
    }
    for link in &event.links {
        let state = link.last_error.clone().unwrap_or_else(|| format!("{:?}", link.status).to_lowercase());
        rows.push(vec![link.remote_name.clone(), state]);
    }
    rows.push(vec!["Id".into(), event.id.to_string()]);
    table(&rows)
}
