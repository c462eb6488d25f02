//! Makes histories up.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use synodic_model::reconcile::Policy;

use super::step::{Act, Edit, History, Kind, LATEST, Mishap, Post, Setting, Shape, Step, Verb, What};

/// Steps of a history, at least and at most.
const STEPS: std::ops::RangeInclusive<u32> = 6..=26;

/// The history that a seed stands for.
#[must_use]
pub fn history(seed: u64) -> History {
    let mut chance = StdRng::seed_from_u64(seed);
    let setting = setting(&mut chance);
    let count = chance.random_range(STEPS);
    let steps = (1..=count).map(|number| Step {
        number,
        wait_ms: wait(&mut chance),
        act: act(&mut chance, &setting, number),
    });
    History { seed, steps: steps.collect(), setting }
}

fn setting(chance: &mut StdRng) -> Setting {
    let autonomous = chance.random_bool(0.5);
    Setting {
        shape: one_of(chance, &Shape::ALL),
        autonomous,
        webhooks: autonomous && chance.random_bool(0.5),
        page_size: one_of(chance, &[None, None, Some(1), Some(2), Some(3)]),
        ragged: chance.random_bool(0.2),
        lag_ms: one_of(chance, &[0, 0, 500, 4000]),
        cascade: chance.random_bool(0.3),
        latency_ms: one_of(chance, &[0, 20, 20, 200, 3000]),
        policy: one_of(
            chance,
            &[
                Policy::LastWriteWins,
                Policy::LastWriteWins,
                Policy::PreferLocal,
                Policy::PreferRemote,
                Policy::Ask,
            ],
        ),
    }
}

/// Mostly at once or soon, so that things happen while others are under way.
fn wait(chance: &mut StdRng) -> u64 {
    match chance.random_range(0..10) {
        0..3 => 0,
        3..6 => chance.random_range(1..100),
        6..9 => chance.random_range(100..10_000),
        _ => chance.random_range(10_000..400_000),
    }
}

fn act(chance: &mut StdRng, setting: &Setting, number: u32) -> Act {
    // Without events little can happen.
    let is_early = number <= 3;
    match chance.random_range(0..if is_early { 60 } else { 100 }) {
        0..34 => Act::Here(edit(chance, is_early, true)),
        34..58 => Act::There(chance.random_range(0..3), edit(chance, is_early, false)),
        58..62 => Act::Undo(chance.random_range(0..3)),
        62..68 if setting.autonomous => Act::SyncNow,
        62..66 => Act::Pass,
        66..72 => Act::PassToEnd,
        72..86 => mishap(chance),
        86 => Act::Poison { remote: chance.random_range(0..3), pick: chance.random() },
        87..89 => Act::Cut,
        89..91 => Act::Mend,
        91 => Act::Post(one_of(chance, &[Post::Prompt, Post::Lost, Post::Doubled, Post::Shuffled])),
        92 => Act::ExpireTokens,
        93 => Act::ForgetCursors,
        94 if chance.random_bool(0.3) => Act::Revoke(chance.random_range(0..2)),
        94..96 => Act::SetClock(one_of(chance, &[-24, -2, 0, 2, 24])),
        96..98 => Act::Crash,
        _ => Act::Restart,
    }
}

fn edit(chance: &mut StdRng, is_early: bool, is_here: bool) -> Edit {
    let kind = |chance: &mut StdRng| match chance.random_range(0..10) {
        0..5 => Kind::Timed,
        5 => Kind::Day,
        _ => Kind::Series(chance.random_range(0..4)),
    };
    if is_early && chance.random_bool(0.7) {
        return Edit::Add(kind(chance));
    }
    match chance.random_range(0..if is_here { 24 } else { 20 }) {
        0..5 => Edit::Add(kind(chance)),
        5..11 => Edit::Change(pick(chance), what(chance)),
        11..15 => Edit::ChangeOne(pick(chance), chance.random_range(0..4), what(chance)),
        15..17 => Edit::CallOff(pick(chance), chance.random_range(0..4)),
        17..20 => Edit::Delete(pick(chance)),
        20 => Edit::ChangeFollowing(pick(chance), chance.random_range(1..4), what(chance)),
        21 => Edit::DeleteFollowing(pick(chance), chance.random_range(1..4)),
        _ => Edit::Move(pick(chance)),
    }
}

/// Often what somebody has just edited: two edits of one event, close together, are what is hard.
fn pick(chance: &mut StdRng) -> u8 {
    if chance.random_bool(0.4) { LATEST } else { chance.random_range(0..LATEST) }
}

fn what(chance: &mut StdRng) -> What {
    one_of(chance, &[What::Title, What::Title, What::Description, What::Time, What::Rule])
}

fn mishap(chance: &mut StdRng) -> Act {
    let verbs = [
        Verb::Any,
        Verb::Read,
        Verb::Create,
        Verb::Create,
        Verb::Update,
        Verb::Update,
        Verb::Delete,
        Verb::Delete,
        Verb::Token,
    ];
    Act::Mishap {
        on: one_of(chance, &verbs),
        how: how(chance),
        skip: one_of(chance, &[0, 0, 0, 1, 2]),
        times: one_of(chance, &[1, 1, 1, 2, 3, 8]),
    }
}

fn how(chance: &mut StdRng) -> Mishap {
    let applied = chance.random_bool(0.5);
    match chance.random_range(0..12) {
        0 => Mishap::Refused,
        1 => Mishap::ResetBefore,
        2..4 => Mishap::ResetAfter,
        4 => Mishap::Silence { applied },
        5 => Mishap::Truncated,
        6 => Mishap::Status {
            status: one_of(chance, &[429, 403]),
            retry_after: one_of(chance, &[None, Some(3), Some(90)]),
            applied: false,
        },
        7 => Mishap::Status { status: 503, retry_after: Some(20), applied: false },
        8 => Mishap::Status { status: 400, retry_after: None, applied: false },
        9 => Mishap::Status { status: 401, retry_after: None, applied: false },
        _ => Mishap::Status { status: one_of(chance, &[500, 502, 503, 504]), retry_after: None, applied },
    }
}

fn one_of<T: Copy>(chance: &mut StdRng, choices: &[T]) -> T {
    *choices.choose(chance).expect("there is a choice")
}
