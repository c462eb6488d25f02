//! A listing of twenty pages breaks off at each of them: nothing is lost, and nothing deleted.

use synodic_model::reconcile::Policy;
use synodic_tests::histories::play::play;
use synodic_tests::histories::step::{Act, Edit, History, Kind, Mishap, Setting, Shape, Step, Verb, What};

const PAGES: u8 = 20;

/// Twenty events come in, are all listed anew one by one, and the listing meets `trouble` after `page` pages.
fn history(page: u8, trouble: impl Fn(u8) -> Vec<Act>) -> History {
    let setting = Setting {
        shape: Shape::Plain,
        autonomous: false,
        webhooks: false,
        page_size: Some(1),
        ragged: false,
        lag_ms: 0,
        cascade: false,
        latency_ms: 10,
        policy: Policy::default(),
    };
    let kinds = [Kind::Timed, Kind::Day, Kind::Series(3)];
    let add = |number: u8| Act::There(0, Edit::Add(kinds[usize::from(number) % kinds.len()]));
    let acts = (0..PAGES).map(add).chain([Act::PassToEnd, Act::ForgetCursors]);
    let acts = acts.chain(trouble(page)).chain([Act::PassToEnd]);
    let steps = (1..).zip(acts).map(|(number, act)| Step { number, wait_ms: 0, act });
    History { seed: u64::from(page), setting, steps: steps.collect() }
}

fn nothing_is_lost_at_any_page(trouble: impl Fn(u8) -> Vec<Act>) {
    for page in 0..=PAGES {
        let outcome = play(&history(page, &trouble));
        assert!(outcome.wrongs.is_empty(), "at page {page}: {}", outcome.wrongs.join("\n"));
        let pages = outcome.requests.iter().filter(|line| line.target.contains("pageToken")).count();
        assert!(pages > usize::from(PAGES), "a listing of {pages} pages is none that breaks off");
    }
}

#[test]
fn the_connection_breaks() {
    // The first answer is that the cursor is void.
    nothing_is_lost_at_any_page(|page| {
        vec![Act::Mishap { on: Verb::Read, how: Mishap::ResetAfter, skip: 1 + page, times: 1 }]
    });
}

#[test]
fn the_program_crashes() {
    nothing_is_lost_at_any_page(|page| {
        let how = Mishap::Silence { applied: true };
        vec![Act::Mishap { on: Verb::Read, how, skip: 1 + page, times: 1 }, Act::Pass, Act::Crash]
    });
}

#[test]
fn the_service_forgets_where_we_are() {
    nothing_is_lost_at_any_page(|page| {
        let how = Mishap::Status { status: 410, retry_after: None, applied: false };
        vec![Act::Mishap { on: Verb::Read, how, skip: 1 + page, times: 1 }]
    });
}

#[test]
fn the_listing_changes_meanwhile() {
    nothing_is_lost_at_any_page(|page| {
        let how = Mishap::Silence { applied: true };
        vec![
            Act::Mishap { on: Verb::Read, how, skip: 1 + page, times: 1 },
            Act::Pass,
            Act::There(0, Edit::Add(Kind::Timed)),
            Act::There(0, Edit::Change(page, What::Title)),
            Act::There(0, Edit::Delete(page.wrapping_add(7))),
            Act::Here(Edit::Change(page, What::Description)),
        ]
    });
}
