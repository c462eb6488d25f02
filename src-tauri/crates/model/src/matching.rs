//! Which events two calendars have in common before they were ever linked, or after the replica was lost.
//!
//! The same event is known by our own mark, by its iCalendar UID, and, where neither tells, by what it looks like: its
//! title, its time and its rule. Whatever is matched is tied together instead of being created once more.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use crate::event::EventContent;
use crate::id::EventId;
use crate::time::When;

/// What an event looks like: equal for events that a person would call the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Likeness(String);

/// What `content` looks like; none without a title, for a time alone says too little.
#[must_use]
pub fn likeness(content: &EventContent) -> Option<Likeness> {
    let words: Vec<_> = content.title.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return None;
    }
    let when = match content.when {
        When::AllDay { start, end } => format!("{start}/{end}"),
        // Services write the same instant down in different zones.
        When::Zoned { .. } => {
            let (start, end) = content.when.instants(Tz::UTC);
            format!("{}/{}", start.timestamp(), end.timestamp())
        }
        When::Floating { start, end } => format!("{start}/{end} anywhere"),
    };
    let rules = content.recurrence.as_ref().map(|recurrence| recurrence.rules.join(";")).unwrap_or_default();
    Some(Likeness(format!("{}\n{when}\n{rules}", words.join(" "))))
}

/// An event that is to be matched, of either side.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Here its own id; there the id in our own mark, if it carries one.
    pub id: Option<EventId>,
    /// iCalendar UID.
    pub uid: Option<&'a str>,
    /// What it says.
    pub content: &'a EventContent,
}

/// What two calendars have in common. Every event of either side is in one pair, or alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Places in both lists that are the same event.
    pub pairs: Vec<(usize, usize)>,
    /// Those pairs among them that could have been made otherwise, because several look the same.
    pub ambiguous: Vec<(usize, usize)>,
    /// What only the first list has.
    pub only_here: Vec<usize>,
    /// What only the second list has.
    pub only_there: Vec<usize>,
}

/// Matches two lists.
#[must_use]
pub fn match_up(here: &[Candidate<'_>], there: &[Candidate<'_>]) -> Matching {
    let mut matching = Matching::default();
    let (mut taken_here, mut taken_there) = (BTreeSet::new(), BTreeSet::new());
    let mut pair = |matching: &mut Matching, one: usize, other: usize| {
        let is_free = !taken_here.contains(&one) && !taken_there.contains(&other);
        if is_free {
            taken_here.insert(one);
            taken_there.insert(other);
            matching.pairs.push((one, other));
        }
        is_free
    };
    let by_id = index(here.iter().map(|candidate| candidate.id));
    let by_uid = index(here.iter().map(|candidate| candidate.uid));
    for (other, candidate) in there.iter().enumerate() {
        if let Some(one) = candidate.id.and_then(|id| by_id.get(&id)?.first().copied()) {
            pair(&mut matching, one, other);
        }
    }
    for (other, candidate) in there.iter().enumerate() {
        let named = candidate.uid.and_then(|uid| by_uid.get(uid));
        // Two of one UID are taken in order.
        let _ = named.into_iter().flatten().any(|one| pair(&mut matching, *one, other));
    }
    let by_likeness = index(here.iter().map(|candidate| likeness(candidate.content)));
    let alike_there = index(there.iter().map(|candidate| likeness(candidate.content)));
    for (likeness, others) in &alike_there {
        let ones = by_likeness.get(likeness).map_or(&[][..], Vec::as_slice);
        for other in others {
            let Some(one) = ones.iter().find(|one| pair(&mut matching, **one, *other)) else { continue };
            if ones.len() > 1 || others.len() > 1 {
                matching.ambiguous.push((*one, *other));
            }
        }
    }
    matching.only_here = (0..here.len()).filter(|one| !taken_here.contains(one)).collect();
    matching.only_there = (0..there.len()).filter(|other| !taken_there.contains(other)).collect();
    matching
}

fn index<K: Ord>(keys: impl Iterator<Item = Option<K>>) -> BTreeMap<K, Vec<usize>> {
    let mut index: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (place, key) in keys.enumerate() {
        if let Some(key) = key {
            index.entry(key).or_default().push(place);
        }
    }
    index
}
