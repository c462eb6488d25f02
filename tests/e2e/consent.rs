//! Signing in, in a real browser, by somebody who hesitates, and by somebody who means harm.

use serde_json::json;
use synodic_tests::desktop::browser::Browser;
use synodic_tests::desktop::google::{EMAIL, Google, begin_sign_in, signed_in};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};
use synodic_tests::desktop::wait::until;
use url::Url;

const CLOSE_THIS: &str = "You can close this window";
const NOT_SIGNED_IN: &str = "You are not signed in";

#[test]
fn who_declines_is_not_signed_in_and_can_think_again() {
    tell("consent-declined", async |stage: Stage| {
        let google = Google::start_asking().await;
        let home = google.at_home(Home::new(stage.folder()));
        let browser = Browser::open(&stage).await;
        let (mut command, address) = begin_sign_in(&home).await;
        browser.visit(&address).await;
        browser.click("[value=cancel]").await;
        browser.shows(NOT_SIGNED_IN).await;
        assert_eq!(command.ended().await.code(), Some(1), "{}", command.said());
        assert!(command.said().contains("declined"), "{}", command.said());
        nothing_came_of_it(&home).await;

        // Who unticks what the program cannot do without is told so.
        let (mut command, address) = begin_sign_in(&home).await;
        browser.visit(&address).await;
        browser.click("[name=granted][value$='calendar.events']").await;
        browser.click("[value=allow]").await;
        browser.shows(NOT_SIGNED_IN).await;
        assert_eq!(command.ended().await.code(), Some(1), "{}", command.said());
        nothing_came_of_it(&home).await;

        let (command, address) = begin_sign_in(&home).await;
        browser.visit(&address).await;
        browser.shows("wants access").await;
        browser.click("[value=allow]").await;
        browser.shows(CLOSE_THIS).await;
        assert_eq!(signed_in(command).await["account"], EMAIL);
    });
}

#[test]
fn a_page_that_sends_the_browser_back_with_a_code_of_its_own_gets_nowhere() {
    tell("consent-forged", async |stage: Stage| {
        let google = Google::start_asking().await;
        let home = google.at_home(Home::new(stage.folder()));
        let browser = Browser::open(&stage).await;
        let (command, address) = begin_sign_in(&home).await;
        let asked: Url = address.parse().unwrap();
        let (redirect, state) = (parameter(&asked, "redirect_uri"), parameter(&asked, "state"));
        let cut_short = state.split_at(state.len() - 1).0;
        for state in ["guessed", cut_short, &format!("{state}x"), ""] {
            let mut forged: Url = redirect.parse().unwrap();
            forged.query_pairs_mut().append_pair("state", state).append_pair("code", "of-somebody-else");
            browser.visit(forged.as_str()).await;
            browser.shows(NOT_SIGNED_IN).await;
        }
        // Nor does tampering on the way there: what comes back is not what was sent.
        let tampered = address.replace(&state, "tampered");
        assert_ne!(tampered, address);
        browser.visit(&tampered).await;
        browser.click("[value=allow]").await;
        browser.shows(NOT_SIGNED_IN).await;

        // The sign-in that was asked for still waits.
        browser.visit(&address).await;
        browser.click("[value=allow]").await;
        browser.shows(CLOSE_THIS).await;
        assert_eq!(signed_in(command).await["account"], EMAIL);
    });
}

#[test]
fn a_sign_in_that_was_given_up_is_over_wherever_the_browser_is() {
    tell("consent-given-up", async |stage: Stage| {
        let google = Google::start_asking().await;
        let home = google.at_home(Home::new(stage.folder()));
        let browser = Browser::open(&stage).await;
        let (mut command, address) = begin_sign_in(&home).await;
        browser.visit(&address).await;
        browser.shows("wants access").await;
        command.terminate();
        command.ended().await;
        let redirect: Url = parameter(&address.parse().unwrap(), "redirect_uri").parse().unwrap();
        let port = redirect.port().unwrap();
        until("the port is closed", async || {
            match tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
                Ok(_) => Err("it is open"),
                Err(_) => Ok(()),
            }
        })
        .await;
        nothing_came_of_it(&home).await;

        let (command, address) = begin_sign_in(&home).await;
        browser.visit(&address).await;
        browser.click("[value=allow]").await;
        browser.shows(CLOSE_THIS).await;
        signed_in(command).await;
    });
}

/// No account, and nothing that could be a secret of one.
async fn nothing_came_of_it(home: &Home) {
    assert_eq!(home.json(["account", "list"]).await, json!([]));
    assert!(!home.data_dir().join("secrets.json").exists());
}

/// The value of a parameter in an address.
pub(crate) fn parameter(address: &Url, name: &str) -> String {
    let value = address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    value.unwrap_or_else(|| panic!("no {name} in {address}"))
}
