//! What holds what in a Notion database, and what becomes of the events when that changes.

use serde_json::json;
use synodic_engine::notion::{Holder, MappingChoice, MappingProposal, Slot};
use synodic_engine::view::{MappingPlanView, Parting};
use synodic_model::RemoteCalendarId;
use synodic_model::sync::SyncDirection;
use synodic_tests::world::meeting;

use crate::three_way::{Three, rich, text, titled};

/// What is proposed, but with the place in the property “Raum”.
fn with_rooms(proposal: &MappingProposal) -> MappingChoice {
    let location = proposal.slots.iter().find(|proposed| proposed.slot == Slot::Location).unwrap();
    let room = location.candidates.iter().find(
        |candidate| matches!(&candidate.holder, Holder::Property { property } if property.name == "Raum"),
    );
    let mut mapping = proposal.mapping.clone();
    mapping.slots.insert(Slot::Location, room.unwrap().holder.clone());
    MappingChoice { mapping, create: Vec::new() }
}

/// What linking comes to depends on what holds what, and is told by what was chosen.
#[tokio::test]
async fn a_plan_goes_by_the_mapping_that_was_chosen() {
    let three = Three::new().await;
    let mut event = meeting("Probe", 3);
    event.location = "Saal".into();
    three.create(event).await;
    three.settle().await;
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap().id;
    three.engine.unlink_calendar(link, Parting::KeepBoth).await.unwrap();
    let pages = || three.notion.requests().iter().filter(|request| request.method == "PATCH").count();
    let before = pages();

    let source = RemoteCalendarId::new(three.source.to_string());
    let proposal = three.engine.propose_notion_mapping(three.workspace, &source).await.unwrap();
    let plan = async |choice| {
        let both = SyncDirection::Bidirectional;
        three
            .engine
            .plan_link(Some(three.calendar), three.workspace, source.clone(), both, choice)
            .await
            .unwrap()
    };
    let proposed = plan(None).await;
    assert_eq!((proposed.matched, proposed.differing, proposed.new_here, proposed.new_there), (1, 0, 0, 0));
    let chosen = plan(Some(with_rooms(&proposal))).await;
    assert_eq!((chosen.matched, chosen.differing), (1, 1), "its room is empty there");
    let mut undated = proposal.mapping.clone();
    undated.slots.remove(&Slot::When);
    let anew = plan(Some(MappingChoice { mapping: undated, create: vec![Slot::When] })).await;
    assert_eq!((anew.matched, anew.new_there), (0, 1), "in a new property no page has a date yet");
    assert_eq!(pages(), before, "a plan writes nothing");
}

/// A change of the mapping is neither a deletion nor an edit: both sides meet anew in the fields concerned.
#[tokio::test]
async fn another_mapping_takes_nothing_away() {
    let three = Three::new().await;
    let mut here = meeting("Hier", 3);
    here.location = "Saal".into();
    three.create(here).await;
    let mut there = meeting("Dort", 4);
    there.location = "Halle".into();
    let there = three.create(there).await;
    three.create(meeting("Leer", 5)).await;
    three.settle().await;
    // The place moves to another column, which says something of its own about two of them.
    three.edit_page("Dort", json!({ "Raum": rich("4.12") }));
    three.edit_page("Leer", json!({ "Raum": rich("1.01") }));
    three.settle().await;
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap().id;
    let proposal = three.engine.notion_mapping(link).await.unwrap();
    let before = three.notion.requests().iter().filter(|request| request.method == "PATCH").count();
    let same = MappingChoice { mapping: proposal.mapping.clone(), create: Vec::new() };
    let plan = three.engine.plan_notion_mapping(link, same).await.unwrap();
    assert_eq!(plan, MappingPlanView::default(), "what stays where it is comes to nothing");
    let plan = three.engine.plan_notion_mapping(link, with_rooms(&proposal)).await.unwrap();
    assert_eq!((plan.written_there, plan.taken_here, plan.differing), (1, 1, 1), "{plan:#?}");
    assert_eq!([&plan.written_there_titles[0], &plan.taken_here_titles[0]], ["Hier", "Leer"]);
    assert_eq!(plan.differing_titles, ["Dort"]);
    let after = three.notion.requests().iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(before, after, "a plan writes nothing");
    three.engine.set_notion_mapping(link, with_rooms(&proposal)).await.unwrap();
    for _ in 0..4 {
        three.pass().await;
        three.minutes_pass(1);
    }
    assert_eq!(three.remote("Hier")["location"], "Saal", "an empty new place is no deletion");
    assert_eq!(text(&three.page("Hier"), "Raum"), "Saal", "and learns what is known");
    assert_eq!(three.remote("Leer")["location"], "1.01", "what only Notion says is learnt");
    assert_eq!(text(&three.page("Hier"), "Ort"), "Saal", "the former place is nobody's business any more");
    let agreed = three.remote("Dort")["location"].clone();
    assert!(agreed == "Halle" || agreed == "4.12", "{agreed}");
    assert_eq!(text(&three.page("Dort"), "Raum"), agreed.as_str().unwrap());
    // Where both say something else nothing is lost without a word.
    let rows = three.replica().await.event_syncs(there.id).await.unwrap();
    let kept = rows.iter().find_map(|row| row.conflict_data.as_ref()).unwrap();
    let sides = [&kept.local, &kept.remote].map(|side| side.as_ref().unwrap().location.clone());
    assert_eq!(sides, ["Halle", "4.12"]);
}

#[tokio::test]
async fn a_deleted_property_turns_its_field_off_with_a_warning_and_no_error_each_time() {
    let three = Three::new().await;
    let mut event = meeting("Talk", 3);
    event.location = "Saal".into();
    let event = three.create(event).await;
    three.settle().await;
    three.notion.edit_data_source(three.source, json!({ "properties": { "Ort": null } }));
    three.edit_page("Talk", titled("Talk, longer"));
    three.change(event.id, |content| content.description = "Slides".into()).await;
    three.settle().await;
    assert_eq!(three.remote("Talk, longer")["location"], "Saal");
    let calendars = three.engine.calendars().await.unwrap();
    let link = calendars[0].links.iter().find(|link| link.integration_id == three.workspace).unwrap();
    assert!(link.warnings[0].contains("“Ort”"), "{:?}", link.warnings);
}
