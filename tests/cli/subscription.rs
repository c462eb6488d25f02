//! `synodic account add ics`: a calendar file at an address.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

const FILE: &str = "BEGIN:VCALENDAR\r\nX-WR-CALNAME:Holidays\r\n\
    BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:All Saints\r\nDTSTART;VALUE=DATE:20261101\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";

async fn answer(headers: HeaderMap, path: Uri) -> Response {
    match path.path() {
        "/secret-7f3a/holidays.ics" => FILE.into_response(),
        // Basic ada:lovelace
        "/private.ics"
            if headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Basic YWRhOmxvdmVsYWNl") =>
        {
            FILE.replace("Holidays", "Private").into_response()
        }
        "/private.ics" => StatusCode::UNAUTHORIZED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Serves the files; answers the host with its port.
async fn server() -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    host
}

#[test]
fn an_address_is_subscribed_to_kept_to_itself_and_only_read() {
    tell("cli-subscription", async |stage: Stage| {
        let host = server().await;
        let home = Home::new(stage.folder());
        let address = format!("http://{host}/secret-7f3a/holidays.ics");
        let added = home.run_with_input(["account", "add", "ics", "--url-stdin"], &address).await.done();
        assert!(added.stdout.contains("“Holidays” is subscribed to"), "{added:#?}");
        let again = home.json(["account", "add", "ics", "--url", &address]).await;
        assert_eq!((&again["name"], &again["writable"]), (&json!("Holidays"), &json!(false)), "{again:#}");

        home.json(["sync"]).await;
        let shown = home.json(["event", "list", "--from", "2026-11-01", "--to", "2026-11-02"]).await;
        assert_eq!(shown[0]["title"], "All Saints", "{shown:#}");
        home.run(["event", "add", "--calendar", "Holidays", "--title", "Mine", "--start", "2026-11-03"])
            .await
            .refused(1, &["only read"]);

        let accounts = home.json(["account", "list"]).await;
        assert_eq!(
            accounts.as_array().unwrap().len(),
            1,
            "the same address is the same account: {accounts:#}"
        );
        assert_eq!(accounts[0]["account"], "Holidays (127.0.0.1)", "{accounts:#}");
        assert!(!accounts.to_string().contains("secret-7f3a"), "{accounts:#}");
        let name = accounts[0]["account"].as_str().unwrap();
        home.run(["account", "sign-in", name]).await.refused(1, &["no sign-in"]);
    });
}

#[test]
fn what_cannot_be_subscribed_to_is_refused_with_what_to_do() {
    tell("cli-subscription-refused", async |stage: Stage| {
        let host = server().await;
        let home = Home::new(stage.folder());
        let add = async |address: &str| home.run(["account", "add", "ics", "--url", address]).await;
        add("file:///etc/passwd").await.refused(2, &["https://"]);
        add(&format!("http://{host}/nothing.ics")).await.refused(2, &["no calendar at this address", "404"]);
        add(&format!("http://{host}/private.ics"))
            .await
            .refused(1, &["name and a password", "https://name:password@"]);
        assert_eq!(home.run(["account", "add", "ics"]).await.code, Some(2), "an address is wanted");
        assert_eq!(home.json(["account", "list"]).await, json!([]), "nothing is kept of them");

        let address = format!("http://ada:lovelace@{host}/private.ics");
        let private = home.json(["account", "add", "ics", "--url", &address]).await;
        assert_eq!(private["name"], "Private", "{private:#}");
    });
}
