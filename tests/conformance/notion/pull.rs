use synodic_providers::Class;

use super::*;

/// Traps 1 and 2: the first edit is seen by one pull, the second falls into the same minute.
#[tokio::test]
async fn two_edits_within_one_minute_are_both_seen() {
    let world = World::new().await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    let (_, cursor) = world.pull(None).await.unwrap();
    world.retitle(page, "Zahnarzt!");
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(named(&changes), ["Zahnarzt!"]);
    let first = present(&changes[0]).clone();
    world.retitle(page, "Zahnarzt!!");
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    let second = present(&changes[0]);
    assert_eq!(second.content.title, "Zahnarzt!!");
    assert_eq!(first.updated_at, second.updated_at, "by Notion's clock they are one");
    assert_ne!(first.version, second.version);
}

#[tokio::test]
async fn what_a_listing_names_again_has_the_same_version() {
    let world = World::new().await;
    world.row("Zahnarzt", day("2026-11-25"));
    let (first, cursor) = world.pull(None).await.unwrap();
    world.minutes_pass(2);
    let (again, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(present(&first[0]), present(&again[0]));
    world.minutes_pass(20);
    world.pull(Some(&cursor)).await.unwrap();
    let (_, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert!(world.pull(Some(&cursor)).await.unwrap().0.is_empty());
}

#[tokio::test]
async fn a_pull_without_news_is_one_request() {
    let world = World::new().await;
    world.row("Zahnarzt", day("2026-11-25"));
    let (_, cursor) = world.pull(None).await.unwrap();
    world.minutes_pass(10);
    let (_, cursor) = world.pull(Some(&cursor)).await.unwrap();
    world.control.clear_requests();
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert!(changes.is_empty());
    assert_eq!(world.requests(), ["POST data_sources/query 200"]);
}

#[tokio::test]
async fn pages_without_a_date_and_templates_are_no_events_and_one_that_gets_a_date_is() {
    let world = World::new().await;
    let page = world.row("Idee", Value::Null);
    world.control.add_page(world.source, json!({ "is_template": true, "properties": {
        "Bezeichnung": { "title": [{ "text": { "content": "Vorlage" } }] }, "Zeitraum": { "date": day("2026-11-25") },
    } }));
    let (changes, cursor) = world.pull(None).await.unwrap();
    assert!(changes.is_empty(), "{changes:?}");
    world.edit(page, json!({ "Zeitraum": { "date": day("2026-11-26") } }));
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(named(&changes), ["Idee"]);
    world.edit(page, json!({ "Zeitraum": { "date": null } }));
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(changes, [RemoteChange::Removed { id: ExternalId::new(page.to_string()) }]);
    world.edit(page, json!({ "Zeitraum": { "date": day("2026-11-27") } }));
    assert_eq!(named(&world.pull(Some(&cursor)).await.unwrap().0), ["Idee"], "and comes back with it");
}

/// Trap 3.
#[tokio::test]
async fn a_page_that_left_the_listing_is_asked_about_and_only_then_removed() {
    let world = World::new().await;
    let stays = world.row("Bleibt", day("2026-11-25"));
    let trashed = world.row("Weg", day("2026-11-25"));
    let moved = world.row("Umgezogen", day("2026-11-25"));
    let archived = world.row("Abgelegt", day("2026-11-25"));
    let hidden = world.row("Verborgen", day("2026-11-25"));
    let (_, cursor) = world.pull(None).await.unwrap();
    let other = world.control.try_add_data_source(world.database, "Archiv", &columns()).unwrap();
    world.control.trash_page(trashed);
    world.control.try_move_page(moved, &json!({ "data_source_id": other })).unwrap();
    world.control.edit_page(archived, json!({ "is_archived": true }));
    world.control.share(hidden, Some(world.bot), false);
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert!(changes.iter().all(|change| !matches!(change, RemoteChange::Removed { .. })), "not from absence");
    world.minutes_pass(31);
    let due = world.pull(Some(&cursor)).await.unwrap_err();
    assert!(matches!(due, ProviderError::ListingDue) && due.class() == Class::Resync);
    assert_eq!(named(&world.pull(None).await.unwrap().0), ["Bleibt"]);
    let ids = [stays, trashed, moved, archived, hidden].map(|id| ExternalId::new(id.to_string()));
    let became = world.notion.confirm_removed(world.linked(), ids.to_vec()).await.unwrap();
    assert_eq!(named(&became), ["Abgelegt", "Bleibt"], "trap 16: what is archived is not deleted");
    let removed = |id: &ExternalId| became.contains(&RemoteChange::Removed { id: id.clone() });
    assert!(removed(&ids[1]) && removed(&ids[2]));
    let unknown = became
        .iter()
        .any(|change| matches!(change, RemoteChange::Unreadable { id: Some(id), .. } if *id == ids[4]));
    assert!(unknown, "trap 18: what is hidden is not deleted: {became:?}");
}

/// Trap 18.
#[tokio::test]
async fn losing_the_data_source_removes_nothing() {
    let world = World::new().await;
    world.row("Zahnarzt", day("2026-11-25"));
    let (_, cursor) = world.pull(None).await.unwrap();
    world.control.share(world.database, Some(world.bot), false);
    for cursor in [Some(cursor.as_str()), None] {
        let error = world.pull(cursor).await.unwrap_err();
        assert_eq!(error.class(), Class::Permanent);
        assert!(error.to_string().contains("share"), "{error}");
    }
    world.control.share(world.database, Some(world.bot), true);
    assert_eq!(named(&world.pull(Some(&cursor)).await.unwrap().0), ["Zahnarzt"]);
}

/// Traps 4 and 5.
#[tokio::test]
async fn a_listing_that_is_cut_off_and_ragged_is_read_to_the_end() {
    let world = World::with(|options| {
        options.query_ceiling = 50;
        options.ragged_pages = true;
    })
    .await;
    for number in 0..230 {
        if number % 20 == 0 {
            world.minutes_pass(1);
        }
        world.row(&format!("Termin {number:03}"), day("2026-11-25"));
    }
    let (changes, _) = world.pull(None).await.unwrap();
    let mut titles = named(&changes);
    titles.dedup();
    assert_eq!(titles.len(), 230);
}

#[tokio::test]
async fn more_rows_of_one_minute_than_notion_gives_out_are_an_error_and_no_end() {
    let world = World::with(|options| options.query_ceiling = 50).await;
    for number in 0..60 {
        world.row(&format!("Termin {number:03}"), day("2026-11-25"));
    }
    let error = world.pull(None).await.unwrap_err();
    assert!(error.to_string().contains("cannot be completed"), "{error}");
}

#[tokio::test]
async fn rows_that_go_while_a_listing_is_under_way_make_it_pass_over_none() {
    let world = World::new().await;
    let mut rows = Vec::new();
    for number in 0..250 {
        if number % 5 == 0 {
            world.minutes_pass(1);
        }
        rows.push(world.row(&format!("Termin {number:03}"), day("2026-11-25")));
    }
    let first = world.notion.pull(world.linked(), &PullPosition::default()).await.unwrap();
    for row in &rows[..40] {
        world.control.trash_page(*row);
    }
    let mut titles: Vec<String> = named(&first.changes).into_iter().map(str::to_owned).collect();
    let mut next = first.next;
    while let NextPull::Page(page) = next {
        let position = PullPosition { cursor: None, page: Some(page) };
        let page = world.notion.pull(world.linked(), &position).await.unwrap();
        titles.extend(named(&page.changes).into_iter().map(str::to_owned));
        next = page.next;
    }
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), 250);
}

/// Trap 19: within the minute of our write a person edits as well, and the listing lags.
#[tokio::test]
async fn our_own_write_does_not_hide_an_edit_of_the_same_minute_and_a_lagging_listing_undoes_nothing() {
    let world = World::with(|options| options.query_lag = std::time::Duration::from_secs(20)).await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    world.minutes_pass(1);
    let (changes, cursor) = world.pull(None).await.unwrap();
    let before = present(&changes[0]).clone();
    let desired = EventContent { title: "Unser Titel".into(), ..before.content.clone() };
    let ours = world.update(&before, &desired).await.unwrap();
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(present(&changes[0]).version, ours.version, "the listing still shows the former title");
    world.edit(page, json!({ "Ort": { "rich_text": [{ "text": { "content": "Praxis" } }] } }));
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    let seen = &present(&changes[0]).content;
    assert_eq!((seen.title.as_str(), seen.location.as_str()), ("Unser Titel", "Praxis"));
}

/// Trap 7.
#[tokio::test]
async fn a_renamed_column_changes_nothing_and_a_deleted_one_turns_its_field_off() {
    let world = World::new().await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    world.edit(page, json!({ "Ort": { "rich_text": [{ "text": { "content": "Praxis" } }] } }));
    let (before, cursor) = world.pull(None).await.unwrap();
    world
        .control
        .edit_data_source(world.source, json!({ "properties": { "Ort": { "name": "Treffpunkt" } } }));
    let (renamed, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(present(&before[0]).version, present(&renamed[0]).version);
    assert!(world.notion.notices(world.linked()).is_empty());
    world.control.edit_data_source(world.source, json!({ "properties": { "Treffpunkt": null } }));
    world.retitle(page, "Zahnarzt!");
    let (changes, cursor) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(named(&changes), ["Zahnarzt!"]);
    let fields = world.notion.expressible(world.linked());
    assert!(!fields.contains(synodic_model::Field::Location), "an empty location is no news");
    let notices = world.notion.notices(world.linked());
    assert!(notices.len() == 1 && notices[0].contains("“Ort”"), "{notices:?}");
    // And the rest goes on, both ways, without an error each time.
    let there = present(&changes[0]).clone();
    let desired =
        EventContent { title: "Zahnärztin".into(), location: "Hier".into(), ..there.content.clone() };
    world.update(&there, &desired).await.unwrap();
    world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(world.titles(), ["Zahnärztin"]);
}

#[tokio::test]
async fn without_its_date_the_calendar_is_not_read_at_all_and_nothing_is_removed() {
    let world = World::new().await;
    world.row("Zahnarzt", day("2026-11-25"));
    let (_, cursor) = world.pull(None).await.unwrap();
    world.control.edit_data_source(world.source, json!({ "properties": { "Zeitraum": null } }));
    for cursor in [Some(cursor.as_str()), None] {
        let error = world.pull(cursor).await.unwrap_err();
        assert!(error.class() == Class::Permanent && error.to_string().contains("“Zeitraum”"), "{error}");
    }
}

#[tokio::test]
async fn one_bad_page_does_not_block_the_others() {
    let world = World::new().await;
    let (_, source) = world.control.add_database(NewDatabase {
        title: "Berechnet".into(),
        properties: [
            ("Name".to_owned(), json!({ "title": {} })),
            ("Datum".to_owned(), json!({ "formula": { "expression": "1" } })),
        ]
        .into(),
        ..NewDatabase::default()
    });
    let row = |title: &str, start: &str, end: Value| {
        world.control.add_page(
            source,
            json!({ "properties": {
            "Name": { "title": [{ "text": { "content": title } }] },
            "Datum": { "formula": { "type": "date", "date": { "start": start, "end": end } } },
        } }),
        );
    };
    row("Gut", "2026-11-25", Value::Null);
    row("Verkehrt", "2026-11-25", json!("2026-11-24"));
    let id = RemoteCalendarId::new(source.to_string());
    let mapping = propose(&world.notion.schema(&id).await.unwrap(), BERLIN).mapping;
    assert!(mapping.is_read_only());
    let settings = mapping.to_settings();
    let linked = Linked { id: &id, settings: &settings };
    let page = world.notion.pull(linked, &PullPosition::default()).await.unwrap();
    assert_eq!(named(&page.changes), ["Gut"]);
    let good = page.changes.iter().find_map(|change| match change {
        RemoteChange::Present(event) => Some(event),
        _ => None,
    });
    assert!(good.unwrap().read_only, "trap 22: what Notion computes can only be read");
    let reason = page.changes.iter().find_map(|change| match change {
        RemoteChange::Unreadable { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert!(reason.unwrap().contains("before it begins"));
}

/// Trap 12: what Notion shows only the beginning of is read to the end.
#[tokio::test]
async fn a_text_with_many_mentions_is_read_to_the_end() {
    let world = World::new().await;
    let page = world.row("Zahnarzt", day("2026-11-25"));
    let person = world.control.people()[0].0;
    let mut runs = vec![json!({ "type": "text", "text": { "content": "Mit" } })];
    runs.extend((0..40).map(|_| json!({ "type": "mention", "mention": { "user": { "id": person } } })));
    runs.push(json!({ "type": "text", "text": { "content": " Ende" } }));
    world.edit(page, json!({ "Beschreibung": { "rich_text": runs } }));
    let (changes, _) = world.pull(None).await.unwrap();
    let description = &present(&changes[0]).content.description;
    assert!(description.starts_with("Mit@Ada") && description.ends_with(" Ende"), "{description}");
    assert_eq!(description.matches("@Ada").count(), 40);
}

#[tokio::test]
async fn the_text_of_a_page_can_be_the_description() {
    let mut world = World::new().await;
    let mut mapping = world.mapping();
    mapping.slots.insert(Slot::Description, synodic_providers::notion::Holder::PageBody);
    world.settings = mapping.to_settings();
    let page = world.row("Zahnarzt", day("2026-11-25"));
    let paragraph = json!({ "paragraph": { "rich_text": [{ "text": { "content": "Karte mitnehmen" } }] } });
    world.control.try_write_blocks(page, &json!([paragraph])).unwrap();
    let (changes, cursor) = world.pull(None).await.unwrap();
    let there = present(&changes[0]).clone();
    assert_eq!(there.content.description, "Karte mitnehmen");
    let desired = EventContent { description: "Karte und Bonusheft".into(), ..there.content.clone() };
    let returned = world.update(&there, &desired).await.unwrap();
    assert_eq!(returned.content.description, "Karte und Bonusheft");
    let (changes, _) = world.pull(Some(&cursor)).await.unwrap();
    assert_eq!(present(&changes[0]).version, returned.version);
    let fresh = EventContent { description: "Mit <b>Text</b><br>und Umbruch".into(), ..lunch() };
    let created = world.create(identity(1), &fresh).await.unwrap();
    assert_eq!(world.as_known(&fresh, &created), fresh);
}
