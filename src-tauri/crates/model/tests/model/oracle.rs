//! Random rules, expanded by us and by `tests/oracle/occurrences.py`, which shares no code with us.
//!
//! Every difference must fall into a class of [`KNOWN_DIFFERENCES`], and every class must have been seen: a table that
//! nobody checks is a list of excuses.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use synodic_model::recurrence::expand;
use synodic_model::{OriginalStart, Recurrence, TimeWindow, When, ZonedTime};

const SEED: u64 = 20_261_123;
const QUESTIONS: usize = 20_000;
/// Of how many questions in a thousand dateutil may fail to find the answer in time.
const UNANSWERED_PER_MILLE: usize = 5;

const ZONES: [Tz; 12] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::Europe__Dublin,
    Tz::America__New_York,
    Tz::America__Sao_Paulo,
    Tz::America__St_Johns,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kolkata,
    Tz::Asia__Tehran,
    Tz::Africa__Casablanca,
    Tz::Pacific__Apia,
    Tz::Pacific__Kiritimati,
];

/// A class of differences that we stand by: its name, what it applies to, and why.
struct Known {
    reason: &'static str,
    applies: fn(&Question, &Answers) -> bool,
}

const KNOWN_DIFFERENCES: [Known; 2] = [
    Known {
        reason: "dateutil lets a weekly rule's first week begin at DTSTART, so BYSETPOS counts from there; every other \
                 period it takes whole, and so do we with all of them",
        applies: |question, answers| {
            let is_early = |time: &NaiveDateTime| *time < question.start + TimeDelta::days(8);
            question.rule.contains("FREQ=WEEKLY")
                && question.rule.contains("BYSETPOS")
                && answers.differing().all(|time| is_early(&time))
        },
    },
    Known {
        reason: "where a week lies in two years, dateutil takes last year's weeks for as many as this year's, and does \
                 not count next year's first week from the end; we follow ISO 8601",
        applies: |question, answers| {
            let is_turn = |time: NaiveDateTime| {
                let date = ZonedTime::at(time.and_utc(), question.zone).local.date();
                date.month() == 12 && date.day() > 25 || date.month() == 1 && date.day() < 7
            };
            question.rule.contains("BYWEEKNO")
                && !question.rule.contains("COUNT")
                && answers.differing().all(is_turn)
        },
    },
];

#[derive(Debug)]
struct Question {
    start: NaiveDateTime,
    zone: Tz,
    rule: String,
    dates: Vec<NaiveDateTime>,
    exclusions: Vec<NaiveDateTime>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

struct Answers {
    ours: Vec<NaiveDateTime>,
    theirs: Vec<NaiveDateTime>,
}

impl Answers {
    /// What one side says and the other does not.
    fn differing(&self) -> impl Iterator<Item = NaiveDateTime> {
        let ours: BTreeSet<_> = self.ours.iter().copied().collect();
        let theirs: BTreeSet<_> = self.theirs.iter().copied().collect();
        ours.symmetric_difference(&theirs).copied().collect::<Vec<_>>().into_iter()
    }
}

#[test]
fn agrees_with_an_independent_expander() {
    let mut random = StdRng::seed_from_u64(SEED);
    let questions: Vec<Question> = (0..QUESTIONS).map(|_| Question::draw(&mut random)).collect();
    let (first_half, second_half) = questions.split_at(QUESTIONS / 2);
    let theirs = std::thread::scope(|scope| {
        let other = scope.spawn(|| ask_oracle(second_half));
        let mut answers = ask_oracle(first_half);
        answers.extend(other.join().unwrap());
        answers
    });

    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    let mut unanswered = Vec::new();
    let mut occurrences = 0;
    for (question, theirs) in questions.iter().zip(theirs) {
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(error) if error.contains("TimeoutError") => {
                unanswered.push(&question.rule);
                continue;
            }
            Err(error) => panic!("{question:?}: {error}"),
        };
        let answers = Answers { ours: question.expand(), theirs };
        occurrences += answers.theirs.len();
        if answers.ours == answers.theirs {
            continue;
        }
        match KNOWN_DIFFERENCES.iter().find(|known| (known.applies)(question, &answers)) {
            Some(known) => *seen.entry(known.reason).or_default() += 1,
            None => unexplained.push(describe(question, &answers)),
        }
    }
    println!(
        "{QUESTIONS} rules, {occurrences} occurrences, unanswered: {unanswered:?}, known differences: {seen:?}"
    );
    assert!(
        unanswered.len() * 1000 <= QUESTIONS * UNANSWERED_PER_MILLE,
        "{} questions were not answered",
        unanswered.len()
    );
    assert!(
        unexplained.is_empty(),
        "{} of {QUESTIONS} rules differ; the first:\n{}",
        unexplained.len(),
        unexplained[..unexplained.len().min(5)].join("\n")
    );
    assert!(occurrences > 10 * QUESTIONS, "the questions hardly ask for anything: {occurrences} occurrences");
    for known in KNOWN_DIFFERENCES {
        assert!(seen.contains_key(known.reason), "no longer a difference, remove it: {}", known.reason);
    }
}

fn describe(question: &Question, answers: &Answers) -> String {
    let only = |here: &[NaiveDateTime], there: &[NaiveDateTime]| {
        let missing: Vec<_> =
            here.iter().filter(|time| !there.contains(time)).take(4).map(ToString::to_string).collect();
        missing.join(", ")
    };
    format!(
        "{question:?}\n  only we say: {}\n  only the oracle says: {}",
        only(&answers.ours, &answers.theirs),
        only(&answers.theirs, &answers.ours)
    )
}

impl Question {
    fn draw(random: &mut StdRng) -> Self {
        let frequency = FREQUENCIES.choose_weighted(random, |frequency| frequency.weight).unwrap();
        let zone = *ZONES.choose(random).unwrap();
        let start = draw_start(random);
        // Half of the windows open at the start, half long after it, where the walk has to enter at the right step.
        let lead = if random.random_bool(0.5) {
            TimeDelta::zero()
        } else {
            frequency.lead * random.random_range(1..=8) / 8
        };
        let from = (start + lead - TimeDelta::days(1)).and_utc();
        let to = from + TimeDelta::days(1) + frequency.span;
        let mut rule = frequency.draw_rule(random, start);
        // A COUNT would carry the known differences on to the end of the series.
        let is_known = rule.contains("BYWEEKNO") || rule.contains("WEEKLY") && rule.contains("BYSETPOS");
        match random.random_range(0..10) {
            0 | 1 if !is_known => rule += &format!(";COUNT={}", random.random_range(1..40)),
            2 | 3 => {
                let until = start + frequency.span * random.random_range(0..20) / 10;
                rule += &format!(";UNTIL={}", ZonedTime::new(until, zone).instant().format("%Y%m%dT%H%M%SZ"));
            }
            _ => {}
        }
        let near = |random: &mut StdRng| start + TimeDelta::days(random.random_range(0..30));
        let some = |random: &mut StdRng, often: f64| {
            if random.random_bool(often) { vec![near(random), near(random)] } else { Vec::new() }
        };
        let (dates, exclusions) = (some(random, 0.1), some(random, 0.2));
        Self { start, zone, rule, dates, exclusions, from, to }
    }

    fn expand(&self) -> Vec<NaiveDateTime> {
        let at = |local| ZonedTime::new(local, self.zone);
        let first = When::Zoned { start: at(self.start), end: at(self.start) };
        let original = |local: &NaiveDateTime| OriginalStart::Zoned { time: at(*local) };
        let mut recurrence =
            Recurrence::from_rule(&self.rule).unwrap_or_else(|error| panic!("{self:?}: {error}"));
        recurrence.dates = self.dates.iter().map(original).collect();
        recurrence.exclusion_dates = self.exclusions.iter().map(original).collect();
        let window = TimeWindow { from: self.from, to: self.to, viewer: self.zone };
        let found = expand(&first, &recurrence, &window, usize::MAX)
            .unwrap_or_else(|error| panic!("{self:?}: {error}"));
        found.iter().map(|occurrence| occurrence.when.instants(self.zone).0.naive_utc()).collect()
    }

    fn to_json(&self) -> Value {
        let text = |time: &NaiveDateTime| time.format("%Y-%m-%dT%H:%M:%S").to_string();
        json!({
            "start": text(&self.start),
            "zone": self.zone.name(),
            "rule": self.rule,
            "dates": self.dates.iter().map(text).collect::<Vec<_>>(),
            "exclusions": self.exclusions.iter().map(text).collect::<Vec<_>>(),
            "from": text(&self.from.naive_utc()),
            "to": text(&self.to.naive_utc()),
        })
    }
}

/// A start between 2004 and 2030, one in three in the small hours of a week in which clocks are changed somewhere.
fn draw_start(random: &mut StdRng) -> NaiveDateTime {
    let year = random.random_range(2004..2030);
    let date = NaiveDate::from_ymd_opt(year, 1, 1).unwrap() + Days::new(random.random_range(0..365));
    let quarter_hours =
        if random.random_bool(0.33) { random.random_range(0..16) } else { random.random_range(0..96) };
    let changing = [3, 4, 9, 10, 11].choose(random).unwrap();
    let date = if quarter_hours < 16 {
        date.with_day(1).unwrap().with_month(*changing).unwrap() + Days::new(random.random_range(0..30))
    } else {
        date
    };
    date.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(15 * quarter_hours)
}

struct Frequency {
    name: &'static str,
    weight: u32,
    /// How far after the start a window may open. dateutil walks all the way.
    lead: TimeDelta,
    /// How long a window is.
    span: TimeDelta,
}

const FREQUENCIES: [Frequency; 7] = [
    Frequency { name: "YEARLY", weight: 5, lead: TimeDelta::days(7000), span: TimeDelta::days(3000) },
    Frequency { name: "MONTHLY", weight: 6, lead: TimeDelta::days(3000), span: TimeDelta::days(700) },
    Frequency { name: "WEEKLY", weight: 6, lead: TimeDelta::days(1500), span: TimeDelta::days(300) },
    Frequency { name: "DAILY", weight: 5, lead: TimeDelta::days(700), span: TimeDelta::days(140) },
    Frequency { name: "HOURLY", weight: 2, lead: TimeDelta::days(30), span: TimeDelta::days(6) },
    Frequency { name: "MINUTELY", weight: 1, lead: TimeDelta::days(1), span: TimeDelta::hours(6) },
    Frequency { name: "SECONDLY", weight: 1, lead: TimeDelta::hours(1), span: TimeDelta::minutes(4) },
];

impl Frequency {
    fn draw_rule(&self, random: &mut StdRng, start: NaiveDateTime) -> String {
        let is = |names: &[&str]| names.contains(&self.name);
        let below_days = is(&["HOURLY", "MINUTELY", "SECONDLY"]);
        let mut parts = vec![format!("FREQ={}", self.name)];
        let mut add = |part: String| parts.push(part);
        if random.random_bool(0.2) {
            add(format!("BYMONTH={},{}", start.month(), list(random, 1..=12, 3, false)));
        }
        let weeks = is(&["YEARLY"]) && random.random_bool(0.15);
        if weeks {
            add(format!("BYWEEKNO={}", list(random, 1..=53, 2, true)));
        } else if is(&["YEARLY"]) && random.random_bool(0.15) {
            add(format!("BYYEARDAY={}", list(random, 1..=366, 3, true)));
        } else if !is(&["WEEKLY"]) && random.random_bool(0.3) {
            add(format!("BYMONTHDAY={}", list(random, 1..=31, 3, true)));
        }
        let mut mixed = false;
        if random.random_bool(0.4) {
            let numbered = is(&["YEARLY", "MONTHLY"]) && !weeks && random.random_bool(0.6);
            mixed = numbered && random.random_bool(0.1);
            add(format!("BYDAY={}", weekdays(random, numbered, mixed)));
        }
        if random.random_bool(0.12) {
            add(format!("BYHOUR={}", list(random, 0..=23, 3, false)));
        }
        if random.random_bool(0.08) {
            add(format!("BYMINUTE={}", list(random, 0..=59, 3, false)));
        }
        if random.random_bool(0.05) {
            add(format!("BYSECOND={}", list(random, 0..=59, 3, false)));
        }
        // Of a set of one, as a day or a minute has by itself, there is no second; dateutil would search for it long.
        let divides =
            |part: &String| part.starts_with("BYSECOND") || !below_days && part.starts_with("BYHOUR");
        let is_set = parts.iter().any(divides) || parts.len() > 1 && is(&["YEARLY", "MONTHLY", "WEEKLY"]);
        if is_set && !mixed && !is(&["SECONDLY"]) && random.random_bool(0.15) {
            parts.push(format!("BYSETPOS={}", list(random, 1..=4, 2, true)));
        }
        if random.random_bool(0.5) {
            let most = if below_days { 90 } else { 6 };
            parts.push(format!("INTERVAL={}", random.random_range(1..=most)));
        }
        if random.random_bool(0.25) {
            parts.push(format!("WKST={}", WEEKDAYS.choose(random).unwrap()));
        }
        parts.join(";")
    }
}

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn weekdays(random: &mut StdRng, numbered: bool, mixed: bool) -> String {
    let amount = random.random_range(1..=3) + usize::from(mixed);
    let days: Vec<&str> = WEEKDAYS.choose_multiple(random, amount).copied().collect();
    let number = |(index, day): (usize, &&str)| {
        let nth = if numbered && !(mixed && index == 0) {
            *["1", "2", "3", "4", "5", "-1", "-2"].choose(random).unwrap()
        } else {
            ""
        };
        format!("{nth}{day}")
    };
    days.iter().enumerate().map(number).collect::<Vec<_>>().join(",")
}

fn list(random: &mut StdRng, range: std::ops::RangeInclusive<i32>, most: usize, signed: bool) -> String {
    let one = |random: &mut StdRng| {
        let number = random.random_range(range.clone());
        if signed && random.random_bool(0.3) { -number } else { number }
    };
    let mut numbers: Vec<i32> = (0..random.random_range(1..=most)).map(|_| one(random)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

type TheirAnswer = Result<Vec<NaiveDateTime>, String>;

fn ask_oracle(questions: &[Question]) -> Vec<TheirAnswer> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let python = python(root);
    let mut oracle = Command::new(&python)
        .arg(root.join("tests/oracle/occurrences.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("the oracle needs Python with tests/conformance/requirements.txt, as `make test` installs it; {} does not start: {error}", python.display()));
    let mut to_oracle = oracle.stdin.take().unwrap();
    let from_oracle = BufReader::new(oracle.stdout.take().unwrap());
    let answers: Vec<TheirAnswer> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                // When the oracle has died its exit is the better message.
                if writeln!(to_oracle, "{}", question.to_json()).is_err() {
                    break;
                }
            }
        });
        let mut lines =
            from_oracle.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        if let Some(versions) = lines.next() {
            assert_eq!(
                versions["tzdata"],
                chrono_tz::IANA_TZDB_VERSION,
                "the zone rules differ: pin the package tzdata"
            );
        }
        lines.map(|answer| read_answer(&answer)).collect()
    });
    let exit = oracle.wait().unwrap();
    assert!(
        exit.success() && answers.len() == questions.len(),
        "the oracle failed ({exit}); does {} have the packages of tests/conformance/requirements.txt, as `make test` installs them?",
        python.display()
    );
    answers
}

fn read_answer(answer: &Value) -> TheirAnswer {
    match answer["starts"].as_array() {
        Some(starts) => Ok(starts.iter().map(|start| start.as_str().unwrap().parse().unwrap()).collect()),
        None => Err(answer["error"].to_string()),
    }
}

fn python(root: &Path) -> PathBuf {
    let own = root.join(".venv/bin/python");
    match std::env::var_os("SYNODIC_PYTHON") {
        Some(python) => python.into(),
        None if own.exists() => own,
        None => "python3".into(),
    }
}
