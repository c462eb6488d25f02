use synodic_providers::notion::{Holder, PropertyKind};

use super::*;

#[tokio::test]
async fn a_token_is_tried_at_once_and_a_wrong_one_is_refused() {
    let world = World::new().await;
    let owner = world.notion.owner().await.unwrap();
    assert_eq!(owner.bot_id, world.bot.to_string());
    assert_eq!(owner.name(), "Home");
    let stranger = client(&world.endpoint, &world.clock, "ntn_wrong");
    assert!(matches!(stranger.owner().await, Err(ProviderError::SignInRefused { .. })));
}

/// Trap 6.
#[tokio::test]
async fn each_data_source_of_a_database_is_named_by_its_own_id() {
    let world = World::new().await;
    let second = world.control.try_add_data_source(world.database, "Archiv", &columns()).unwrap();
    let found = world.notion.data_sources("").await.unwrap();
    let ids: Vec<_> = found.sources.iter().map(|source| source.id.as_str().to_owned()).collect();
    assert!(ids.contains(&world.source.to_string()) && ids.contains(&second.to_string()), "{ids:?}");
    assert!(!ids.contains(&world.database.to_string()));
    let termine = found.sources.iter().find(|source| source.id == world.id).unwrap();
    assert_eq!((termine.title.as_str(), termine.icon.as_deref()), ("Termine", Some("📅")));
    // The address of the database names both, and takes neither for granted.
    let address = format!("https://www.notion.so/Termine-{}?v=1", world.database.simple());
    let pasted = world.notion.data_sources(&address).await.unwrap();
    assert_eq!(pasted.sources.len(), 2);
    assert!(world.notion.schema(&RemoteCalendarId::new(world.database.to_string())).await.is_err());
}

/// Trap 25.
#[tokio::test]
async fn what_the_search_does_not_show_yet_is_found_by_its_address() {
    let world = World::with(|options| options.search_lag = std::time::Duration::from_secs(600)).await;
    let found = world.notion.data_sources("").await.unwrap();
    assert!(found.sources.is_empty());
    assert!(found.hint.unwrap().contains("Connections"), "says how to share a database");
    let pasted = world.notion.data_sources(&world.database.to_string()).await.unwrap();
    assert_eq!(pasted.sources[0].id, world.id);
    let named = world.notion.data_sources("Urlaub").await.unwrap();
    assert!(named.hint.unwrap().contains("address"));
}

#[tokio::test]
async fn what_is_typed_narrows_the_list() {
    let world = World::new().await;
    let other = NewDatabase { title: "Projekte".into(), properties: columns(), ..NewDatabase::default() };
    world.control.add_database(other);
    let titles = async |query: &str| {
        let found = world.notion.data_sources(query).await.unwrap();
        let mut titles: Vec<_> = found.sources.into_iter().map(|source| source.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(titles("").await, ["Projekte", "Termine"]);
    assert_eq!(titles("term").await, ["Termine"]);
}

#[tokio::test]
async fn missing_properties_are_created_once() {
    let world = World::new().await;
    let (_, source) = world.control.add_database(NewDatabase {
        title: "Leer".into(),
        properties: [("Name".to_owned(), json!({ "title": {} }))].into(),
        ..NewDatabase::default()
    });
    let id = RemoteCalendarId::new(source.to_string());
    let proposal = propose(&world.notion.schema(&id).await.unwrap(), BERLIN);
    assert!(proposal.problem.is_some());
    let wanted = [Slot::When, Slot::Location, Slot::Status, Slot::Marker, Slot::Series];
    let mapping = world.notion.create_properties(&id, &wanted, proposal.mapping).await.unwrap();
    assert_eq!(mapping.property(Slot::When).unwrap().kind, PropertyKind::Date);
    assert_eq!(mapping.property(Slot::Status).unwrap().meanings.len(), 3);
    assert!(mapping.slots.values().all(|holder| matches!(holder, Holder::Property { .. })));
    let schema = world.notion.schema(&id).await.unwrap();
    assert_eq!(schema.properties.len(), 6);
    let again = propose(&schema, BERLIN);
    assert_eq!(again.problem, None);
    assert_eq!(again.mapping.slots, mapping.slots, "what was created is recognised");
}
