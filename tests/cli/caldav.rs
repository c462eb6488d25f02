//! `synodic calendar` where a calendar server lets calendars be made and renamed.

use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};

async fn connected(stage: &Stage) -> (DavServer, Home) {
    let server = DavServer::start(Kind::Radicale).await;
    let home = Home::new(stage.folder());
    let url = server.url();
    let arguments = ["account", "add", "caldav", "--url", &url, "--user", USER, "--password-stdin", "--json"];
    home.run_with_input(arguments, PASSWORD).await.done();
    (server, home)
}

/// What the server calls a calendar, asked without us.
async fn called_there(server: &DavServer, path: &str) -> String {
    let properties = "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:displayname/></D:prop></D:propfind>";
    let headers = [("Depth", "0"), ("Content-Type", "application/xml")];
    let said = server.ask("PROPFIND", path, &headers, properties).await.body;
    let (_, rest) = said.split_once("displayname>").unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

#[test]
fn a_calendar_is_made_at_an_account_and_gets_another_name_there() {
    tell("cli-caldav-calendars", async |stage: Stage| {
        let (server, home) = connected(&stage).await;
        let accounts = home.json(["account", "list"]).await;
        let account = accounts[0]["id"].as_str().unwrap().to_owned();
        let made = home.json(["calendar", "add", "Choir", "--at", &account]).await;
        assert_eq!(made["name"], "Choir", "{made:#}");
        let path = made["links"][0]["remote_calendar_id"].as_str().unwrap().to_owned();
        assert_eq!(called_there(&server, &path).await, "Choir");

        home.json(["event", "add", "--calendar", "Choir", "--title", "Rehearsal", "--start", "2027-03-16"])
            .await;
        let pass = home.json(["sync"]).await;
        assert_eq!(pass["pushed"], 1, "{pass:#}");
        let listing = server.ask("PROPFIND", &path, &[("Depth", "1")], "").await.body;
        assert!(listing.contains(".ics"), "{listing}");

        home.run(["calendar", "rename-remote", "Choir", "Choir", "Choir and friends"]).await.done();
        assert_eq!(called_there(&server, &path).await, "Choir and friends");
        let calendars = home.json(["calendar", "list"]).await;
        assert_eq!(calendars[0]["name"], "Choir and friends", "it was called alike: {calendars:#}");
        assert_eq!(calendars[0]["links"][0]["remote_name"], "Choir and friends", "{calendars:#}");
        home.run(["calendar", "rename-remote", "Choir and friends", "Nobody", "Other"])
            .await
            .refused(1, &["not linked"]);
    });
}

#[test]
fn a_calendar_is_not_made_at_an_account_that_is_not_there() {
    tell("cli-caldav-no-account", async |stage: Stage| {
        let (_server, home) = connected(&stage).await;
        home.run(["calendar", "add", "Choir", "--at", "nobody@example.org"]).await.refused(1, &["nobody"]);
        assert_eq!(home.json(["calendar", "list"]).await, serde_json::json!([]));
    });
}
