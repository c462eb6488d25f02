//! Notion tells of changes: a subscription is enrolled, its messages are believed when they are signed, and never else.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use synodic_engine::snapshot::Listening;
use synodic_simulators::notion::webhook::NewSubscription;
use synodic_tests::world::meeting;
use uuid::Uuid;

use crate::three_way::Three;

/// How long a story waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A world in which Notion tells of changes.
async fn enrolled() -> (Three, String) {
    let three = Three::with(true, |_| {}).await;
    let webhook = three.engine.begin_notion_webhook(three.workspace).await.unwrap();
    assert!(webhook.token.is_none() && webhook.open_until.is_some());
    let subscription = NewSubscription {
        url: webhook.address.clone(),
        events: Vec::new(),
        bot: Some(three.bot),
        api_version: None,
    };
    let subscription = three.notion.try_subscribe(&subscription).unwrap();
    until("the token", async || three.engine.notion_webhook(three.workspace).await.unwrap().token.is_some())
        .await;
    let token = three.engine.notion_webhook(three.workspace).await.unwrap().token.unwrap();
    let id: Uuid = subscription["id"].as_str().unwrap().parse().unwrap();
    three.notion.try_verify(id, &token).unwrap();
    (three, webhook.address)
}

async fn post(address: &str, body: &str, signature: Option<&str>) -> u16 {
    let request = synodic_simulators::client_builder().build().unwrap().post(address).body(body.to_owned());
    let request = match signature {
        Some(signature) => request.header("X-Notion-Signature", signature),
        None => request,
    };
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_change_and_a_removal_arrive_by_message_and_polling_relaxes() {
    let (three, _) = enrolled().await;
    three.create(meeting("Talk", 3)).await;
    until("the event", async || three.notion_titles() == ["Talk"] && three.google_titles() == ["Talk"]).await;
    three.edit_page("Talk", json!({ "Ort": super::three_way::rich("Saal") }));
    until("the change at Google", async || three.remote("Talk")["location"] == "Saal").await;
    let webhook = three.engine.notion_webhook(three.workspace).await.unwrap();
    assert!(webhook.live && webhook.open_until.is_none(), "the window is shut: {webhook:?}");
    until("the relaxed polling", async || {
        let accounts = three.engine.snapshot().integrations;
        accounts
            .iter()
            .any(|account| account.id == three.workspace && account.listening == Listening::Webhook)
    })
    .await;
    // What the listing of changes does not show is named by the message.
    three.notion.trash_page(three.page_id("Talk"));
    until("the removal at Google", async || three.google_titles().is_empty()).await;
    three.notion.restore_page(three.page_id("Talk"));
    until("the return", async || three.google_titles() == ["Talk"]).await;
}

#[tokio::test]
async fn nobody_without_the_token_makes_the_engine_do_work() {
    let three = Three::with(true, |_| {}).await;
    let webhook = three.engine.begin_notion_webhook(three.workspace).await.unwrap();
    let address = webhook.address;
    three.pass().await;
    three.notion.clear_requests();
    let event = json!({
        "id": Uuid::from_u128(1), "type": "page.deleted", "entity": { "id": Uuid::from_u128(2), "type": "page" },
        "data": { "parent": { "id": three.source, "type": "data_source" } },
    })
    .to_string();
    for signature in [None, Some("sha256="), Some("sha256=0000"), Some(&*"a".repeat(10_000))] {
        assert_eq!(post(&address, &event, signature).await, 403);
    }
    assert_eq!(post(&address, "not json", None).await, 400);
    assert_eq!(post(&address, &"x".repeat(400_000), None).await, 413);
    assert!(three.notion.requests().is_empty());
    // A token is taken while the person waits for one; whoever sends one learns nothing by it.
    assert_eq!(post(&address, r#"{"verification_token":"secret_theirs"}"#, None).await, 200);
    let signed = signature("secret_theirs", &event);
    assert_eq!(post(&address, &event, Some(&signed)).await, 200);
    // The first message has shut the window: no other token is taken any more.
    assert_eq!(post(&address, r#"{"verification_token":"secret_other"}"#, None).await, 403);
    assert_eq!(post(&address, &event, Some(&signature("secret_other", &event))).await, 403);
}

/// Trap 24: the bytes are signed as they came, however they are laid out; and what comes twice is done once.
#[tokio::test]
async fn the_bytes_are_what_is_signed_and_repetitions_and_disorder_do_no_harm() {
    let (three, address) = enrolled().await;
    three.create(meeting("Talk", 3)).await;
    until("the page", async || three.notion_titles() == ["Talk"]).await;
    let subscription = three.notion.subscriptions().remove(0);
    let token =
        subscription["verification_token"].as_str().or(subscription["token"].as_str()).unwrap().to_owned();
    let body = format!(
        "{{\n  \"type\" : \"page.properties_updated\",\"id\":\"{}\" , \"data\":{{\"parent\":{{\"type\":\"data_source\",\"id\":\"{}\"}}}},\
         \"entity\":{{\"type\":\"page\",\"id\":\"{}\"}}, \"later\": [1.0, 1e3, \"\\u00e4\"] }}\n",
        Uuid::from_u128(7),
        three.source,
        three.page_id("Talk"),
    );
    let signed = signature(&token, &body);
    let encoded_again = serde_json::from_str::<Value>(&body).unwrap().to_string();
    assert_eq!(post(&address, &encoded_again, Some(&signed)).await, 403);
    for _ in 0..20 {
        assert_eq!(post(&address, &body, Some(&signed)).await, 200);
    }
    until("the quiet", async || three.engine.snapshot().pending == 0).await;
    assert_eq!(three.notion_titles(), ["Talk"]);
    assert_eq!(three.titles().await, ["Talk"]);
}

fn signature(token: &str, body: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut block = [0u8; 64];
    block.iter_mut().zip(token.bytes()).for_each(|(place, byte)| *place = byte);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(body).finalize();
    let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
    let hex: String = outer.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}
