//! What a history is made of. A step says what happens in terms that always mean something (“the third event that there
//! is then”), so that steps can be left out and the rest still makes a history.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use synodic_model::reconcile::Policy;
use synodic_model::sync::SyncDirection;

/// A history: where it takes place, and what happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// What chance starts from, in the program and around it.
    pub seed: u64,
    /// Where it takes place.
    pub setting: Setting,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Where a history takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Which calendars there are, and how they are linked.
    pub shape: Shape,
    /// Whether the engine acts of its own accord.
    pub autonomous: bool,
    /// Whether services can call it.
    pub webhooks: bool,
    /// The longest page that a service sends.
    pub page_size: Option<usize>,
    /// Whether services send half-empty pages.
    pub ragged: bool,
    /// The longest time until a write is seen in listings.
    pub lag_ms: u64,
    /// Whether a deleted series is listed with all of its exceptions.
    pub cascade: bool,
    /// The longest way from here to a service.
    pub latency_ms: u64,
    /// Who wins where both sides changed the same.
    #[serde(default)]
    pub policy: Policy,
}

/// Which calendars there are, and how they are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// One calendar, kept at one service.
    Plain,
    /// One calendar, kept in two places of one account.
    Twins,
    /// One calendar, kept at two accounts.
    TwoAccounts,
    /// Two calendars of one account.
    SideBySide,
    /// Two calendars, each kept at an account of its own.
    Apart,
    /// One calendar that is kept at one place and fed from another, where nothing may be written.
    FedFrom,
    /// One calendar that is kept at one place and published at two others.
    Published,
}

/// A link of a shape: which calendar, which remote calendar, which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The calendar, counted from 0.
    pub calendar: usize,
    /// The account, counted from 0.
    pub account: usize,
    /// Which way changes travel.
    pub direction: SyncDirection,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Plain,
        Self::Twins,
        Self::TwoAccounts,
        Self::SideBySide,
        Self::Apart,
        Self::FedFrom,
        Self::Published,
    ];

    /// The links; each has a remote calendar of its own.
    #[must_use]
    pub fn ties(self) -> Vec<Tie> {
        use SyncDirection::{Bidirectional, PullOnly, PushOnly};
        let tie = |(calendar, account, direction)| Tie { calendar, account, direction };
        let ties: &[(usize, usize, SyncDirection)] = match self {
            Self::Plain => &[(0, 0, Bidirectional)],
            Self::Twins => &[(0, 0, Bidirectional), (0, 0, Bidirectional)],
            Self::TwoAccounts => &[(0, 0, Bidirectional), (0, 1, Bidirectional)],
            Self::SideBySide => &[(0, 0, Bidirectional), (1, 0, Bidirectional)],
            Self::Apart => &[(0, 0, Bidirectional), (1, 1, Bidirectional)],
            Self::FedFrom => &[(0, 0, Bidirectional), (0, 1, PullOnly)],
            Self::Published => &[(0, 0, Bidirectional), (0, 0, PushOnly), (0, 1, PushOnly)],
        };
        ties.iter().copied().map(tie).collect()
    }
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number in the history as it was made; what it writes is named after it.
    pub number: u32,
    /// How long after the step before it.
    pub wait_ms: u64,
    /// What happens.
    pub act: Act,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// The person edits here.
    Here(Edit),
    /// The person edits with a phone, at the remote calendar of a link.
    There(u8, Edit),
    /// The last edit but so many is taken back.
    Undo(u8),
    /// A complete pass is asked for, and not waited for.
    Pass,
    /// A complete pass is asked for and waited for.
    PassToEnd,
    /// “Sync now”.
    SyncNow,
    /// Some requests go wrong.
    Mishap {
        /// Which ones.
        on: Verb,
        /// How.
        how: Mishap,
        /// How many pass unharmed before.
        skip: u8,
        /// How many it hits.
        times: u8,
    },
    /// A service refuses to change one event, and goes on doing so.
    Poison {
        /// At which link.
        remote: u8,
        /// Which event.
        pick: u8,
    },
    /// The network is gone.
    Cut,
    /// The network is back.
    Mend,
    /// Messages of the services fare otherwise from now on.
    Post(Post),
    /// All access tokens end.
    ExpireTokens,
    /// The services forget where everybody left off.
    ForgetCursors,
    /// The consent for an account is taken back.
    Revoke(u8),
    /// The computer's clock is set wrong by so many hours.
    SetClock(i32),
    /// The program ends as if the power had failed, and is started again.
    Crash,
    /// The program ends in order, and is started again.
    Restart,
}

/// In the place of a number that picks an event: the one that was edited last, wherever that was.
pub const LATEST: u8 = u8::MAX;

/// An edit, here or there. What somebody with another device does not do there means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edit {
    /// An event is made.
    Add(Kind),
    /// An event, or a series as a whole, is changed.
    Change(u8, What),
    /// One occurrence of a series is changed.
    ChangeOne(u8, u8, What),
    /// One occurrence of a series is called off.
    CallOff(u8, u8),
    /// An event, or a series as a whole, is deleted.
    Delete(u8),
    /// One occurrence of a series and all that follow become a series of their own, with a change.
    ChangeFollowing(u8, u8, What),
    /// One occurrence of a series and all that follow are deleted.
    DeleteFollowing(u8, u8),
    /// An event, or a series as a whole, goes to the other calendar, of the same account or of another.
    Move(u8),
}

/// What kind of event is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// For an hour.
    Timed,
    /// For a day.
    Day,
    /// Again and again, by one of [`RULES`].
    Series(u8),
}

/// What is changed of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Its title.
    Title,
    /// Its description.
    Description,
    /// When it takes place.
    Time,
    /// How it repeats; of what does not repeat, the title.
    Rule,
}

/// Requests of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verb {
    /// All.
    Any,
    /// What only reads.
    Read,
    /// What makes an event.
    Create,
    /// What changes an event.
    Update,
    /// What deletes an event.
    Delete,
    /// What renews a token.
    Token,
}

/// How a request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mishap {
    /// There is no connection.
    Refused,
    /// The connection breaks before the service has read the request.
    ResetBefore,
    /// The service carries the request out, and the connection breaks before its answer.
    ResetAfter,
    /// No answer comes until the client gives up.
    Silence {
        /// Whether the request is carried out.
        applied: bool,
    },
    /// An error comes as an answer.
    Status {
        /// Its HTTP status.
        status: u16,
        /// A `Retry-After`, in seconds.
        retry_after: Option<u32>,
        /// Whether the request is carried out all the same.
        applied: bool,
    },
    /// Half of the answer comes.
    Truncated,
}

/// How messages of the services fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Post {
    /// Each comes, soon.
    Prompt,
    /// None comes.
    Lost,
    /// Each comes twice.
    Doubled,
    /// They overtake each other.
    Shuffled,
}

/// The rules of series.
pub const RULES: [&str; 4] =
    ["FREQ=DAILY;COUNT=4", "FREQ=WEEKLY;COUNT=3", "FREQ=DAILY;INTERVAL=2;COUNT=3", "FREQ=DAILY;COUNT=2"];

/// How many days lie between the occurrences of a rule.
#[must_use]
pub fn stride(rule: &str) -> i64 {
    if rule.contains("WEEKLY") {
        7
    } else if rule.contains("INTERVAL=2") {
        2
    } else {
        1
    }
}

/// How many occurrences a rule has.
#[must_use]
pub fn count(rule: &str) -> i64 {
    rule.split("COUNT=").nth(1).and_then(|rest| rest.split(';').next()?.parse().ok()).unwrap_or(1)
}

/// What an event says when it is made. Everything is named after the number of the step, so that it can be told what
/// became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Never changed: what makes the event the same one everywhere.
    pub place: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// When it takes place.
    pub time: Time,
    /// How it repeats.
    pub rule: Option<&'static str>,
}

impl Said {
    /// What the event made in step `number` says.
    #[must_use]
    pub fn new(number: u32, kind: Kind) -> Self {
        let time = match kind {
            Kind::Day => Time::day(number),
            Kind::Timed | Kind::Series(_) => Time::hour(number),
        };
        let rule = match kind {
            Kind::Series(rule) => RULES.get(usize::from(rule) % RULES.len()).copied(),
            Kind::Timed | Kind::Day => None,
        };
        Self { place: place(number), title: title(number), description: description(number), time, rule }
    }
}

/// What makes the event the same one everywhere that was made in step `number`.
#[must_use]
pub fn place(number: u32) -> String {
    format!("place {number}")
}

/// The title that step `number` gives.
#[must_use]
pub fn title(number: u32) -> String {
    format!("t{number}")
}

/// The description that step `number` gives.
#[must_use]
pub fn description(number: u32) -> String {
    format!("d{number}")
}

/// A time that no other step gives; in Berlin, in November and December 2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// For an hour or so.
    Hour {
        /// Start on the wall.
        start: NaiveDateTime,
        /// How long.
        minutes: i64,
    },
    /// For a day.
    Day {
        /// Which.
        date: NaiveDate,
    },
}

impl Time {
    /// The hour of step `number`.
    ///
    /// # Panics
    /// Never: the day is in the calendar.
    #[must_use]
    pub fn hour(number: u32) -> Self {
        let first = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap().and_hms_opt(6, 0, 0).unwrap();
        let start = first + TimeDelta::minutes(10 * i64::from(number));
        Self::Hour { start, minutes: 30 + 15 * i64::from(number % 3) }
    }

    /// The day of step `number`.
    ///
    /// # Panics
    /// Never: the day is in the calendar.
    #[must_use]
    pub fn day(number: u32) -> Self {
        let first = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        Self::Day { date: first + TimeDelta::days(i64::from(number)) }
    }
}

impl fmt::Display for History {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "history {}: {:?}", self.seed, self.setting)?;
        for step in &self.steps {
            writeln!(formatter, "  {:>3}. after {:>7} ms  {:?}", step.number, step.wait_ms, step.act)?;
        }
        Ok(())
    }
}
