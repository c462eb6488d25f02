//! One calendar is kept in step with two remote ones.

use serde_json::json;
use synodic_model::sync::SyncDirection;
use synodic_simulators::google::NewCalendar;
use synodic_tests::world::{ADA, World, meeting, titles};

struct Both {
    world: World,
    calendar: synodic_model::CalendarId,
    copy: String,
}

impl Both {
    async fn new() -> Self {
        let world = World::new().await;
        let copy =
            world.google.add_calendar(ADA, NewCalendar { summary: "Copy".into(), ..NewCalendar::default() });
        let account = world.connect().await;
        let calendar = world.link(None, account, ADA, SyncDirection::Bidirectional).await.id;
        world.link(Some(calendar), account, &copy, SyncDirection::Bidirectional).await;
        world.pass().await;
        Self { world, calendar, copy }
    }

    async fn settle(&self) {
        for _ in 0..3 {
            self.world.pass().await;
        }
        let last = self.world.pass().await;
        assert_eq!((last.pushed, last.pending, last.failed), (0, 0, 0), "nothing goes round in circles");
        assert_eq!(self.copied(), self.world.remote_titles());
        assert_eq!(self.world.titles().await, self.world.remote_titles());
    }

    fn copied(&self) -> Vec<String> {
        titles(&self.world.google.events(&self.copy))
    }
}

#[tokio::test]
async fn an_edit_here_reaches_both() {
    let both = Both::new().await;
    let event = both.world.create(both.calendar, meeting("Ours", 3)).await;
    both.settle().await;
    assert_eq!(both.copied(), ["Ours"]);
    both.world.change(event.id, |content| content.title = "Ours, changed".into()).await;
    both.settle().await;
    assert_eq!(both.copied(), ["Ours, changed"]);
    both.world.delete(event.id).await;
    both.settle().await;
    assert!(both.copied().is_empty());
    assert!(both.world.replica().await.event(event.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_at_one_reaches_the_other_and_does_not_come_back() {
    let both = Both::new().await;
    let id = both.world.phone_adds("Theirs", 4);
    both.settle().await;
    assert_eq!(both.copied(), ["Theirs"]);
    both.world.phone_changes(&id, json!({ "summary": "Theirs, changed" }));
    both.settle().await;
    assert_eq!(both.copied(), ["Theirs, changed"]);
    both.world.google.delete_event(ADA, &id);
    both.settle().await;
    assert!(both.copied().is_empty());
}

#[tokio::test]
async fn a_change_at_the_copy_reaches_the_first() {
    let both = Both::new().await;
    both.world.phone_adds("Theirs", 4);
    both.settle().await;
    let copied = both.world.google.events(&both.copy).remove(0);
    both.world.google.put_event(&both.copy, json!({ "id": copied["id"], "location": "Elsewhere" }));
    both.settle().await;
    assert_eq!(both.world.remote("Theirs")["location"], "Elsewhere");
}
