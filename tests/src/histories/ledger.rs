//! What people wrote, and what they wrote over knowingly.
//!
//! Every value in a history is written once only, so it can be told what became of it. A value that somebody saw and
//! replaced, or deleted with its event, need not be anywhere any more. Every other one has to be: in the event, or in
//! what a merge has set aside.

use std::collections::BTreeMap;

use super::remote::Row;

/// One field of one event, which a value was written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The title.
    Title,
    /// The description.
    Description,
    /// When it takes place.
    Time,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Title, Self::Description, Self::Time];

    /// What a row says there.
    #[must_use]
    pub fn of(self, row: &Row) -> &str {
        match self {
            Self::Title => &row.title,
            Self::Description => &row.description,
            Self::Time => &row.start,
        }
    }
}

/// What was written: of which event, where, what.
pub type Value = (String, Aspect, String);

/// What one edit wrote, and what it wrote over.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    written: Vec<Value>,
    replaced: Vec<Value>,
    /// Whether it takes back what it says.
    is_taken_back: bool,
    /// What went with it.
    pub also: Option<Box<Self>>,
}

impl Entry {
    /// Somebody made what `row` says.
    pub fn make(&mut self, row: &Row) {
        self.written.extend(Aspect::ALL.map(|aspect| value(row, aspect)));
    }

    /// Somebody changed `before`, as they saw it, into `after`. Of an occurrence, `series` says what it says as long as
    /// nobody changes it: that is not replaced with it.
    pub fn change(&mut self, before: &Row, after: &Row, series: Option<&Row>) {
        for aspect in Aspect::ALL {
            if aspect.of(before) == aspect.of(after) {
                continue;
            }
            if is_its_own(before, series, aspect) {
                self.replaced.push(value(before, aspect));
            }
            self.written.push(value(after, aspect));
        }
    }

    /// Somebody deleted what they saw as `row`, or called it off.
    pub fn delete(&mut self, row: &Row, series: Option<&Row>) {
        let its_own = Aspect::ALL.into_iter().filter(|aspect| is_its_own(row, series, *aspect));
        self.replaced.extend(its_own.map(|aspect| value(row, aspect)));
    }

    /// The event that it is about.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.written.first().or_else(|| self.replaced.first()).map(|(place, ..)| place.as_str())
    }

    /// What it wrote over.
    #[must_use]
    pub fn replaced(&self) -> &[Value] {
        &self.replaced
    }

    /// Whether it takes back what it says.
    #[must_use]
    pub const fn is_taken_back(&self) -> bool {
        self.is_taken_back
    }

    /// What it wrote.
    #[must_use]
    pub fn written(&self) -> &[Value] {
        &self.written
    }

    /// The entry of whoever takes this edit back.
    #[must_use]
    pub fn taken_back(self) -> Self {
        let also = self.also.map(|also| Box::new(also.taken_back()));
        Self { is_taken_back: !self.is_taken_back, also, ..self }
    }
}

fn value(row: &Row, aspect: Aspect) -> Value {
    (row.place.clone(), aspect, aspect.of(row).to_owned())
}

fn is_its_own(row: &Row, series: Option<&Row>, aspect: Aspect) -> bool {
    let plain = |series: &Row| match aspect {
        Aspect::Time => row.original_start.as_deref() == Some(&row.start),
        Aspect::Title | Aspect::Description => aspect.of(series) == aspect.of(row),
    };
    !series.is_some_and(plain)
}

/// What people wrote, and what they wrote over knowingly.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    written: BTreeMap<Value, u32>,
    /// How often each was written over; whoever takes an edit back takes one of them back.
    replaced: BTreeMap<Value, i32>,
}

impl Ledger {
    /// Notes the edit of step `number`, which was acknowledged.
    pub fn note(&mut self, entry: &Entry, number: u32) {
        if let Some(also) = &entry.also {
            self.note(also, number);
        }
        let way = if entry.is_taken_back { -1 } else { 1 };
        for value in &entry.replaced {
            *self.replaced.entry(value.clone()).or_default() += way;
        }
        for value in &entry.written {
            if self.written.insert(value.clone(), number).is_some() || entry.is_taken_back {
                *self.replaced.entry(value.clone()).or_default() -= way;
            }
        }
    }

    /// Each value that has to be somewhere and for which `is_kept` finds no place, in a sentence.
    pub fn lost(&self, is_kept: impl Fn(&str, Aspect, &str) -> bool) -> Vec<String> {
        let lost = self
            .written
            .iter()
            .filter(|(value, _)| self.replaced.get(*value).is_none_or(|times| *times <= 0));
        let lost = lost.filter(|((place, aspect, value), _)| !is_kept(place, *aspect, value));
        lost.map(|((place, aspect, value), number)| {
            format!("{place}: the {aspect:?} “{value}” of step {number} is nowhere")
        })
        .collect()
    }
}
