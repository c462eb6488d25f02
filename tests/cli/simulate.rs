//! `synodic simulate`: a simulated provider in a process of its own, for trying and testing.

use serde_json::{Value, json};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

#[test]
fn a_simulated_google_tells_where_it_listens_and_can_be_signed_in_to() {
    tell("cli-simulate", async |stage: Stage| {
        let home = Home::new(stage.folder());
        let mut simulator = home.start("simulator", ["simulate", "google", "--auto-consent", "--json"]);
        let line = simulator.says("api_url").await;
        let endpoints: Value = serde_json::from_str(&line).unwrap();
        let address =
            |name: &str| endpoints[name].as_str().unwrap_or_else(|| panic!("no {name}: {line}")).to_owned();
        let http = synodic_simulators::client_builder().no_proxy().build().unwrap();

        let page = http
            .get(format!("{}/users/me/calendarList", address("api_url")))
            .bearer_auth(address("access_token"))
            .send()
            .await
            .unwrap();
        let page: Value = page.json().await.unwrap();
        assert!(page["items"].as_array().is_some_and(|items| items.len() > 1), "{page:#}");

        let person = Home::new(stage.folder())
            .with("SYNODIC_GOOGLE_API_URL", address("api_url"))
            .with("SYNODIC_GOOGLE_AUTH_URL", address("auth_url"))
            .with("SYNODIC_GOOGLE_TOKEN_URL", address("token_url"))
            .with("GOOGLE_CLIENT_ID", "simulated")
            .with("GOOGLE_CLIENT_SECRET", "simulated");
        let mut sign_in = person.start("sign-in", ["account", "add", "google", "--no-browser", "--json"]);
        let consent = sign_in.says("http").await;
        http.get(consent.trim()).send().await.unwrap();
        assert!(sign_in.ended().await.success(), "{}", sign_in.said());
        let accounts = person.json(["account", "list"]).await;
        assert_eq!(accounts.as_array().unwrap().len(), 1, "{accounts:#}");

        simulator.terminate();
        assert!(simulator.ended().await.success(), "{}", simulator.said());
    });
}

#[test]
fn a_simulated_notion_tells_where_it_listens_and_what_opens_it() {
    tell("cli-simulate-notion", async |stage: Stage| {
        let home = Home::new(stage.folder());
        let mut simulator = home.start("simulator", ["simulate", "notion", "--auto-consent", "--json"]);
        let line = simulator.says("api_url").await;
        let endpoints: Value = serde_json::from_str(&line).unwrap();
        let address =
            |name: &str| endpoints[name].as_str().unwrap_or_else(|| panic!("no {name}: {line}")).to_owned();
        let http = synodic_simulators::client_builder().no_proxy().build().unwrap();

        let found = http
            .post(format!("{}/search", address("api_url")))
            .bearer_auth(address("access_token"))
            .header("Notion-Version", "2026-03-11")
            .json(&json!({ "filter": { "property": "object", "value": "data_source" } }))
            .send()
            .await
            .unwrap();
        let found: Value = found.json().await.unwrap();
        let titles =
            found["results"].as_array().unwrap().iter().map(|source| &source["title"][0]["plain_text"]);
        let mut titles = titles.map(|title| title.as_str().unwrap()).collect::<Vec<_>>();
        titles.sort_unstable();
        assert_eq!(titles, ["Projects", "Veranstaltungen"], "{found:#}");
        let databases = http.get(format!("{}/databases", address("control_url"))).send().await.unwrap();
        assert_eq!(databases.json::<Value>().await.unwrap().as_array().unwrap().len(), 2);
        for name in ["auth_url", "token_url"] {
            assert!(address(name).starts_with("http://127.0.0.1:"), "{line}");
        }

        simulator.terminate();
        assert!(simulator.ended().await.success(), "{}", simulator.said());
    });
}
