//! Every write meets every mishap once: the remote has it exactly once in the end, and nobody was asked to help.

use synodic_model::reconcile::Policy;
use synodic_tests::histories::play::play;
use synodic_tests::histories::step::{Act, Edit, History, Kind, Mishap, Setting, Shape, Step, Verb, What};

/// What can happen to a request, without a wish of the service that the person would have to fulfil.
fn mishaps() -> Vec<Mishap> {
    let status = |status, retry_after, applied| Mishap::Status { status, retry_after, applied };
    let mut mishaps = vec![
        Mishap::Refused,
        Mishap::ResetBefore,
        Mishap::ResetAfter,
        Mishap::Silence { applied: false },
        Mishap::Silence { applied: true },
        Mishap::Truncated,
        status(429, None, false),
        status(429, Some(7), false),
        status(403, None, false),
        status(503, Some(7), false),
    ];
    for code in [500, 502, 503, 504] {
        mishaps.push(status(code, None, false));
        mishaps.push(status(code, None, true));
    }
    mishaps
}

/// Each write: what comes before it, what causes it, and what kind of request it is.
fn writes() -> Vec<(&'static str, Vec<Act>, Act, Verb)> {
    let timed = || Act::Here(Edit::Add(Kind::Timed));
    let series = || Act::Here(Edit::Add(Kind::Series(0)));
    let here = Act::Here;
    vec![
        ("a creation", vec![], timed(), Verb::Create),
        ("a series", vec![], series(), Verb::Create),
        ("a change", vec![timed()], here(Edit::Change(0, What::Title)), Verb::Update),
        ("a move", vec![timed()], here(Edit::Change(0, What::Time)), Verb::Update),
        ("a deletion", vec![timed()], here(Edit::Delete(0)), Verb::Delete),
        ("an occurrence", vec![series()], here(Edit::ChangeOne(0, 1, What::Title)), Verb::Update),
        ("a calling off", vec![series()], here(Edit::CallOff(0, 1)), Verb::Update),
        ("a series' deletion", vec![series()], here(Edit::Delete(0)), Verb::Delete),
    ]
}

fn history(before: &[Act], cause: &Act, mishap: Act, shape: Shape) -> History {
    let setting = Setting {
        shape,
        autonomous: false,
        webhooks: false,
        page_size: None,
        ragged: false,
        lag_ms: 0,
        cascade: false,
        latency_ms: 20,
        policy: Policy::default(),
    };
    let acts = before.iter().cloned().chain([Act::PassToEnd, mishap, cause.clone(), Act::PassToEnd]);
    let steps = (1..).zip(acts).map(|(number, act)| Step { number, wait_ms: 50, act });
    History { seed: 1, setting, steps: steps.collect() }
}

fn exactly_once(times: u8, shape: Shape) {
    for (name, before, cause, verb) in writes() {
        for how in mishaps() {
            let mishap = Act::Mishap { on: verb, how, skip: 0, times };
            let outcome = play(&history(&before, &cause, mishap, shape));
            let hits = outcome.requests.iter().filter(|line| line.outcome.contains(&format!("{how:?}")));
            assert!(hits.count() >= 1, "{name} never met {how:?}");
            assert!(outcome.wrongs.is_empty(), "{name}, {how:?}: {}", outcome.wrongs.join("\n"));
        }
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_made_once() {
    exactly_once(1, Shape::Plain);
}

#[test]
fn a_write_whose_answers_are_lost_again_and_again_is_made_once() {
    exactly_once(3, Shape::TwoAccounts);
}
