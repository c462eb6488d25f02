//! `synodic simulate google`: a simulated account in a process of its own, for trying and testing.

use serde_json::Value;
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
        let http = reqwest::Client::builder().no_proxy().build().unwrap();

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
