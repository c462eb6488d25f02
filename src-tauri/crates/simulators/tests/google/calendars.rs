//! Calendars themselves: renaming and recolouring them, what an account has chosen, when somebody is busy.

use serde_json::{Value, json};
use synodic_simulators::google::{AccessRole, CalendarChange, NewCalendar};

use crate::bench::{ADA, Bench, path, timed, with};

/// The calendar list since a token: the items, and the next token.
async fn list_since(bench: &Bench, token: Option<&str>) -> (Vec<Value>, String) {
    let query = token.map(|token| format!("?syncToken={token}")).unwrap_or_default();
    let page = bench.get(&format!("/users/me/calendarList{query}")).await.ok();
    (page["items"].as_array().unwrap().clone(), page["nextSyncToken"].as_str().unwrap().to_owned())
}

fn shared(role: AccessRole) -> NewCalendar {
    NewCalendar { summary: "Shared".into(), access_role: role, ..NewCalendar::default() }
}

#[tokio::test]
async fn a_calendar_of_ones_own_is_renamed_and_the_list_says_so() {
    let bench = Bench::new();
    let id = bench.control.add_calendar(ADA, shared(AccessRole::Owner));
    let (_, token) = list_since(&bench, None).await;
    let one = format!("/calendars/{id}");
    let body = json!({ "summary": "Ours", "description": "for us", "timeZone": "Asia/Tokyo" });
    let after = bench.send("PATCH", &one, Some(body), &[]).await.ok();
    assert_eq!((&after["summary"], &after["timeZone"]), (&json!("Ours"), &json!("Asia/Tokyo")));
    let (items, token) = list_since(&bench, Some(&token)).await;
    assert_eq!((items.len(), &items[0]["summary"]), (1, &json!("Ours")));

    let after = bench.send("PUT", &one, Some(json!({ "summary": "Still ours" })), &[]).await.ok();
    assert!(after.get("description").is_none(), "an update clears what it leaves out");
    assert_eq!(after["timeZone"], "Asia/Tokyo", "but a calendar has a zone");
    bench.send("PATCH", &one, Some(json!({ "summary": null })), &[]).await.refused(400, "required");
    bench.send("PATCH", &one, Some(json!({ "timeZone": "Mars/Base" })), &[]).await.refused(400, "invalid");

    bench.control.change_calendar(
        ADA,
        &id,
        CalendarChange { color_id: Some("3".into()), ..Default::default() },
    );
    let (items, token) = list_since(&bench, Some(&token)).await;
    assert_eq!(items[0]["backgroundColor"], "#f83a22");
    assert!(list_since(&bench, Some(&token)).await.0.is_empty());
}

#[tokio::test]
async fn what_others_do_to_their_calendar_is_seen_in_a_full_listing_only() {
    let bench = Bench::new();
    let id = bench.control.add_calendar(ADA, shared(AccessRole::Reader));
    let (_, token) = list_since(&bench, None).await;
    let renamed = CalendarChange { summary: Some("Theirs".into()), ..CalendarChange::default() };
    bench.control.change_calendar(ADA, &id, renamed);
    bench.control.set_access(&id, ADA, Some(AccessRole::Writer));
    assert!(list_since(&bench, Some(&token)).await.0.is_empty(), "a title and a role are read-only fields");
    let (items, _) = list_since(&bench, None).await;
    let item = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
    assert_eq!((&item["summary"], &item["accessRole"]), (&json!("Theirs"), &json!("writer")));
    bench
        .send("PATCH", &format!("/calendars/{id}"), Some(json!({ "summary": "x" })), &[])
        .await
        .refused(403, "forbidden");

    bench.control.set_access(&id, ADA, None);
    let (items, token) = list_since(&bench, Some(&token)).await;
    assert_eq!((items.len(), &items[0]["deleted"]), (1, &json!(true)), "losing it is no read-only field");
    bench.control.set_access(&id, ADA, Some(AccessRole::Reader));
    assert_eq!(list_since(&bench, Some(&token)).await.0[0]["accessRole"], "reader");
}

#[tokio::test]
async fn an_account_has_its_own_view_of_a_calendar() {
    let bench = Bench::new();
    let id = bench.control.add_calendar(ADA, shared(AccessRole::Reader));
    let one = format!("/users/me/calendarList/{id}");
    let popup = json!([{ "method": "popup", "minutes": 30 }]);
    let body =
        json!({ "summaryOverride": "Theirs", "colorId": "7", "defaultReminders": popup, "selected": false });
    let after = bench.send("PATCH", &one, Some(body), &[]).await.ok();
    assert_eq!((&after["summaryOverride"], &after["summary"]), (&json!("Theirs"), &json!("Shared")));
    assert_eq!((&after["colorId"], after.get("selected")), (&json!("7"), None));
    let events = bench.get(&format!("/calendars/{id}/events")).await.ok();
    assert_eq!(events["defaultReminders"], popup);
    bench.send("PATCH", &one, Some(json!({ "colorId": "25" })), &[]).await.refused(400, "invalid");
    bench.send("PUT", &one, Some(json!({ "hidden": true })), &[]).await.ok();
    let (items, _) = list_since(&bench, None).await;
    assert!(items.iter().all(|item| item["id"] != id.as_str()), "what is hidden is not listed");
    let after = bench.get(&one).await.ok();
    assert!(after.get("summaryOverride").is_none() && after["hidden"] == true);
}

#[tokio::test]
async fn settings_say_where_the_account_lives() {
    let bench = Bench::new();
    let all = bench.get("/users/me/settings").await.ok();
    assert!(all["items"].as_array().unwrap().len() > 5);
    assert_eq!(bench.get("/users/me/settings/timezone").await.ok()["value"], "Europe/Paris");
    bench.get("/users/me/settings/shoeSize").await.refused(404, "notFound");
}

#[tokio::test]
async fn busy_is_what_takes_time_and_each_hour_once() {
    let bench = Bench::new();
    bench.insert(timed("a", 5, 9)).await;
    bench.insert(with(timed("b", 5, 9), json!({ "end": { "dateTime": "2026-05-05T11:00:00+02:00" } }))).await;
    bench.insert(with(timed("free", 5, 14), json!({ "transparency": "transparent" }))).await;
    let declined = json!([{ "email": ADA, "responseStatus": "declined" }]);
    bench.control.put_event(ADA, with(timed("no", 5, 16), json!({ "attendees": declined })));
    let daily = bench
        .insert(with(timed("daily", 5, 20), json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"] })))
        .await;
    let id = |day: u32| json!(format!("{}_202605{day:02}T180000Z", daily["id"].as_str().unwrap()));
    bench.delete(&id(6)).await.ok();
    let (start, end) = ("2026-05-06T05:00:00Z", "2026-05-06T06:00:00Z");
    bench.patch(&id(7), json!({ "start": { "dateTime": start }, "end": { "dateTime": end } })).await.ok();
    let ask = json!({
        "timeMin": "2026-05-05T00:00:00Z", "timeMax": "2026-05-08T00:00:00Z",
        "items": [{ "id": "primary" }, { "id": "nobody@example.com" }],
    });
    let answer = bench.post("/freeBusy", ask.clone()).await.ok();
    assert_eq!(
        answer["calendars"]["primary"]["busy"],
        json!([
            { "start": "2026-05-05T07:00:00Z", "end": "2026-05-05T09:00:00Z" },
            { "start": "2026-05-05T18:00:00Z", "end": "2026-05-05T19:00:00Z" },
            { "start": start, "end": end },
        ])
    );
    assert_eq!(answer["calendars"]["nobody@example.com"]["errors"][0]["reason"], "notFound");
    bench
        .post("/freeBusy", with(ask.clone(), json!({ "timeMax": "2026-05-05T00:00:00Z" })))
        .await
        .refused(400, "timeRangeEmpty");
    bench.post("/freeBusy", json!({})).await.refused(400, "required");
}

#[tokio::test]
async fn a_person_with_a_phone_invites_answers_and_writes_nonsense() {
    let bench = Bench::new();
    let event = bench.control.invite(ADA, "bob@example.com", timed("Theirs", 5, 9));
    assert_eq!(event["organizer"]["email"], "bob@example.com");
    let answered = bench.control.answer(ADA, event["id"].as_str().unwrap(), ADA, "accepted");
    let own = answered["attendees"].as_array().unwrap().iter().find(|guest| guest["self"] == true).unwrap();
    assert_eq!(own["responseStatus"], "accepted");
    assert_ne!(answered["etag"], event["etag"]);

    let token = bench.sync_token().await;
    let oddity = json!({ "id": "oddity", "start": 7, "invented": { "tomorrow": true } });
    bench.control.put_oddity(ADA, "oddity", oddity.clone());
    let (items, _) = bench.list(&format!("syncToken={token}")).await;
    assert_eq!(items, std::slice::from_ref(&oddity));
    assert_eq!(bench.event(&json!("oddity")).await.ok(), oddity);
    bench.control.put_event(ADA, with(timed("Sane again", 5, 9), json!({ "id": "oddity" })));
    assert_eq!(bench.event(&json!("oddity")).await.ok()["summary"], "Sane again");
}

#[tokio::test]
async fn the_tokens_of_one_calendar_can_end_alone() {
    let bench = Bench::new();
    let other = bench.control.add_calendar(ADA, shared(AccessRole::Owner));
    let list =
        async |calendar: &str, query: &str| bench.get(&format!("/calendars/{calendar}/events{query}")).await;
    let token =
        async |calendar: &str| list(calendar, "").await.ok()["nextSyncToken"].as_str().unwrap().to_owned();
    let (here, there) = (token(ADA).await, token(&other).await);
    bench.control.expire_sync_tokens_of(&other);
    list(&other, &format!("?syncToken={there}")).await.refused(410, "fullSyncRequired");
    list(ADA, &format!("?syncToken={here}")).await.ok();
}

#[tokio::test]
async fn the_same_can_be_done_over_http() {
    let bench = Bench::new();
    let id = bench.control.add_calendar(ADA, shared(AccessRole::Owner));
    let (calendar, events) = (format!("/calendars/{id}"), format!("/calendars/{id}/events"));
    bench.told("PATCH", &calendar, json!({ "email": ADA, "summary": "Ours", "color_id": "5" })).await;
    assert_eq!(bench.get(&format!("/users/me/calendarList/{id}")).await.ok()["colorId"], "5");
    let invitation = json!({ "organizer": "bob@example.com", "event": timed("Theirs", 5, 9) });
    let event = bench.told("POST", &format!("{calendar}/invitations"), invitation).await;
    let one = format!("{events}/{}", event["id"].as_str().unwrap());
    let answer = json!({ "guest": "bob@example.com", "response": "tentative" });
    assert!(
        bench.told("POST", &format!("{one}/answers"), answer).await["attendees"]
            .to_string()
            .contains("tentative")
    );
    bench.told("PUT", &format!("{calendar}/oddities/oddity"), json!("noise")).await;
    assert_eq!(bench.get(&format!("{events}/oddity")).await.ok(), "noise");
    bench.told("POST", &format!("{calendar}/expire-sync-tokens"), Value::Null).await;
    bench.told("PUT", &format!("/accounts/{ADA}/workspace"), json!(true)).await;
    let focus = bench.insert(with(timed("Quiet", 5, 9), json!({ "eventType": "focusTime" }))).await;
    bench.get(&path(&focus["id"])).await.ok();
}
