//! Signing in at the terminal, and the client that we sign in as.

use serde_json::json;
use synodic_tests::desktop::google::Google;
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use tokio::net::TcpStream;
use url::Url;

#[test]
fn a_sign_in_beside_a_running_engine_ends_with_the_command_that_began_it() {
    tell("cli-sign-in", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        let mut serve = home.start("serve", ["serve"]);
        serve.says("serving").await;
        let mut sign_in = home.start("sign-in", ["account", "add", "google", "--no-browser"]);
        let consent: Url = sign_in.says("http").await.trim().parse().unwrap();
        let redirect = consent.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        let port = Url::parse(&redirect).unwrap().port().unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_ok(), "the browser may come back");

        sign_in.terminate();
        sign_in.ended().await;
        until("the port is closed", async || match TcpStream::connect(("127.0.0.1", port)).await {
            Err(_) => Ok(()),
            Ok(_) => Err(port),
        })
        .await;
        assert_eq!(home.json(["account", "list"]).await, json!([]));
        serve.terminate();
        assert!(serve.ended().await.success(), "{}", serve.said());
    });
}

#[test]
fn a_client_can_be_kept_in_the_settings() {
    tell("cli-client", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        home.run(["account", "client", "--id", "mine"]).await.refused(2, &["environment"]);
        let home = home.without("GOOGLE_CLIENT_ID").without("GOOGLE_CLIENT_SECRET");
        assert_eq!(home.json(["account", "client"]).await["origin"], "nowhere");
        home.run(["account", "add", "google", "--no-browser"])
            .await
            .refused(1, &["No Google client", "settings"]);
        let kept = home.json(["account", "client", "--id", "mine"]).await;
        assert_eq!(kept, json!({ "origin": "settings", "id": "mine", "has_secret": false }));
        let mut sign_in = home.start("sign-in", ["account", "add", "google", "--no-browser"]);
        assert!(sign_in.says("http").await.contains("client_id=mine"), "{}", sign_in.said());
        sign_in.terminate();
        sign_in.ended().await;
        assert_eq!(home.json(["account", "client", "--forget"]).await["origin"], "nowhere");
    });
}
