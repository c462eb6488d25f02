use synodic_model::{EventStatus, OriginalStart, Recurrence};
use synodic_providers::RemoteOccurrence;

use super::*;

struct Series {
    world: World,
    master: RemoteEvent,
}

impl Series {
    async fn new() -> Self {
        let world = World::new().await;
        let mut content = lunch();
        content.recurrence = Some(Recurrence::from_rule("FREQ=DAILY").unwrap());
        let master = world.create(identity(1), &content).await.unwrap();
        assert_eq!(world.as_known(&content, &master), content, "one page holds the series with its rule");
        Self { world, master }
    }

    fn occurrence(&self) -> RemoteOccurrence {
        let time = ZonedTime::new("2026-11-26T12:00:00".parse().unwrap(), BERLIN);
        RemoteOccurrence { series: self.master.id.clone(), original_start: OriginalStart::Zoned { time } }
    }

    async fn override_with(&self, content: &EventContent) -> RemoteEvent {
        let creation = Creation { occurrence_of: Some(self.occurrence()), ..creation(identity(2), content) };
        self.world.notion.create(self.world.linked(), &creation).await.unwrap()
    }
}

fn later() -> EventContent {
    EventContent::new("Mittag, später", zoned("2026-11-26T14:00:00", "2026-11-26T15:00:00", BERLIN))
}

#[tokio::test]
async fn an_overridden_occurrence_is_a_page_that_knows_its_place() {
    let series = Series::new().await;
    let created = series.override_with(&later()).await;
    assert_eq!(created.occurrence_of, Some(series.occurrence()));
    assert_eq!(series.world.titles(), ["Mittag", "Mittag, später"]);
    let (changes, _) = series.world.pull(None).await.unwrap();
    let read = changes.iter().map(present).find(|event| event.id == created.id).unwrap();
    assert_eq!(read.occurrence_of, Some(series.occurrence()));
    assert_eq!(
        series.override_with(&later()).await.id,
        created.id,
        "made once, however often it is asked for"
    );
}

#[tokio::test]
async fn an_occurrence_that_is_called_off_is_a_page_in_the_trash_and_may_be_taken_back() {
    let series = Series::new().await;
    let cancelled = EventContent { status: EventStatus::Cancelled, ..later() };
    let created = series.override_with(&cancelled).await;
    assert_eq!(created.content.status, EventStatus::Cancelled);
    assert_eq!(series.world.titles(), ["Mittag"]);
    let read = series.world.read(&created.id).await.unwrap().unwrap();
    assert_eq!((read.content.status, &read.version), (EventStatus::Cancelled, &created.version));
    let update = Update {
        id: &created.id,
        version: Some(&created.version),
        base: Some(&cancelled),
        desired: &later(),
        notify: NotifyAttendees::Nobody,
    };
    let back = series.world.notion.update(series.world.linked(), &update).await.unwrap();
    assert_eq!(series.world.as_known(&later(), &back), later());
    assert_eq!(series.world.titles(), ["Mittag", "Mittag, später"]);
}

#[tokio::test]
async fn a_person_calls_an_occurrence_off_by_trashing_its_page() {
    let series = Series::new().await;
    let created = series.override_with(&later()).await;
    series.world.control.trash_page(created.id.as_str().parse().unwrap());
    let ids = vec![created.id.clone()];
    let became = series.world.notion.confirm_removed(series.world.linked(), ids).await.unwrap();
    assert_eq!(present(&became[0]).content.status, EventStatus::Cancelled);
    assert_eq!(present(&became[0]).occurrence_of, Some(series.occurrence()));
}
