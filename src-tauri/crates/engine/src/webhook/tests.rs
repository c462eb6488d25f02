use axum::http::HeaderValue;
use proptest::prelude::*;
use synodic_model::sync::SyncDirection;
use synodic_model::{CalendarId, RemoteCalendarId};

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn address() -> Url {
    Url::parse("https://calendar.example/base/").unwrap()
}

fn link() -> Link {
    Link {
        id: LinkId::new(Uuid::from_u128(1)),
        calendar_id: CalendarId::new(Uuid::from_u128(2)),
        integration_id: IntegrationId::new(Uuid::from_u128(3)),
        remote_calendar_id: RemoteCalendarId::new("ada@example.com"),
        remote_name: "Ada".into(),
        direction: SyncDirection::Bidirectional,
        settings: serde_json::Value::Null,
        cursor: None,
        generation: 0,
        webhook: None,
        last_pulled_at: None,
    }
}

fn with_channel(opened_at: DateTime<Utc>, life: TimeDelta) -> (Channels, Link) {
    let channels = Channels::new(Some(address()));
    let made = crate::chance::Chance::new(Some(1)).id(opened_at);
    let id = channel_id(made, &channels.address().unwrap());
    let webhook = Webhook { id, resource: "r1".into(), token: "secret".into(), expires_at: opened_at + life };
    let link = Link { webhook: Some(webhook), ..link() };
    channels.admit(&link);
    (channels, link)
}

fn judged(channels: &Channels, message: &Message<'_>) -> Verdict {
    channels.judge(message, NOW)
}

#[test]
fn only_the_whole_truth_is_believed() {
    let (channels, link) = with_channel(NOW, TimeDelta::days(7));
    let channel = link.webhook.as_ref().unwrap().id.clone();
    let good = Message { channel: &channel, token: "secret", resource: "r1", state: "exists" };
    let pull = Verdict::Pull { integration: link.integration_id, link: link.id };
    assert_eq!(judged(&channels, &good), pull);
    assert_eq!(judged(&channels, &Message { state: "not_exists", ..good }), pull);
    assert_eq!(judged(&channels, &Message { state: "sync", ..good }), Verdict::Greeting);
    let refused = |message, status| {
        assert_eq!(judged(&channels, &message), Verdict::Refused(status), "{message:?}");
    };
    refused(Message { channel: "other", ..good }, StatusCode::NOT_FOUND);
    refused(Message { token: "secres", ..good }, StatusCode::FORBIDDEN);
    refused(Message { token: "", ..good }, StatusCode::FORBIDDEN);
    refused(Message { token: "secretsecret", ..good }, StatusCode::FORBIDDEN);
    refused(Message { resource: "r2", ..good }, StatusCode::FORBIDDEN);
    refused(Message { state: "update", ..good }, StatusCode::BAD_REQUEST);
    refused(Message::default(), StatusCode::NOT_FOUND);
}

#[test]
fn a_flood_of_forgeries_is_turned_away_and_the_truth_still_heard() {
    let (channels, link) = with_channel(NOW, TimeDelta::days(7));
    let channel = link.webhook.as_ref().unwrap().id.clone();
    let forged = Message { channel: &channel, token: "guess", resource: "r1", state: "exists" };
    for _ in 0..FORGERIES {
        assert_eq!(judged(&channels, &forged), Verdict::Refused(StatusCode::FORBIDDEN));
    }
    assert_eq!(judged(&channels, &forged), Verdict::Refused(StatusCode::TOO_MANY_REQUESTS));
    let good = Message { token: "secret", ..forged };
    assert!(matches!(judged(&channels, &good), Verdict::Pull { .. }));
    let later = NOW + TimeDelta::seconds(10);
    assert_eq!(channels.judge(&forged, later), Verdict::Refused(StatusCode::FORBIDDEN), "it fades");
}

#[test]
fn a_channel_is_renewed_when_most_of_its_life_is_over() {
    let (channels, link) = with_channel(NOW, TimeDelta::days(10));
    assert!(channels.is_live(&link, NOW));
    assert_eq!(channels.due(&link, NOW), Some(NOW + TimeDelta::days(8)));
    let over = NOW + TimeDelta::days(10);
    assert!(!channels.is_live(&link, over));
    assert_eq!(channels.due(&link, over), Some(over));
}

#[test]
fn a_channel_that_leads_elsewhere_is_replaced() {
    let (_, link) = with_channel(NOW, TimeDelta::days(10));
    let moved = Channels::new(Some(Url::parse("https://new.example").unwrap()));
    assert!(!moved.is_live(&link, NOW));
    assert_eq!(moved.due(&link, NOW), Some(NOW));
    assert_eq!(Channels::new(None).due(&link, NOW), None);
}

#[test]
fn ids_fit_into_what_google_takes() {
    let (channels, link) = with_channel(NOW, TimeDelta::days(10));
    assert!(link.webhook.unwrap().id.len() <= 64);
    assert_eq!(channels.address().unwrap().as_str(), "https://calendar.example/base/webhooks/google");
}

/// Headers as the service sends them, with some of them wrong: left out, of another message, or of any bytes.
fn headers(channel: &str) -> impl Strategy<Value = (HeaderMap, bool)> + use<> {
    let right = [
        ("x-goog-channel-id", channel.to_owned()),
        ("x-goog-channel-token", "secret".to_owned()),
        ("x-goog-resource-id", "r1".to_owned()),
        ("x-goog-resource-state", "exists".to_owned()),
    ];
    let wrong = prop_oneof![
        Just(None),
        prop::sample::select(right.clone().map(|(_, value)| value).to_vec())
            .prop_map(|value| Some(value.into_bytes())),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(Some),
        "(secret|r1|sync|exists|not_exists){0,3}.?".prop_map(|text| Some(text.into_bytes())),
    ];
    prop::collection::vec(prop::option::of(wrong), 4).prop_map(move |faults| {
        let mut headers = HeaderMap::new();
        let mut is_whole = true;
        for ((name, value), fault) in right.iter().zip(faults) {
            let bytes = fault.unwrap_or_else(|| Some(value.clone().into_bytes()));
            is_whole &= bytes.as_deref() == Some(value.as_bytes());
            if let Some(value) = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
                headers.append(*name, value);
            }
        }
        (headers, is_whole)
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_judged_and_nothing_but_the_truth_causes_work(
        messages in prop::collection::vec(headers(&with_channel(NOW, TimeDelta::days(7)).1.webhook.unwrap().id), 1..30),
    ) {
        let (channels, _) = with_channel(NOW, TimeDelta::days(7));
        for (headers, is_whole) in messages {
            let message = Message::of_google(&headers);
            let verdict = judged(&channels, &message);
            let is_pull = matches!(verdict, Verdict::Pull { .. });
            prop_assert_eq!(is_pull, is_whole || is_pull && message.state == "not_exists", "{:?}", message);
            prop_assert!(verdict != Verdict::Greeting || message.token == "secret", "{:?}", message);
        }
    }
}
