//! A person's Google account, simulated in this process and asked over HTTP like the real one.

use std::net::SocketAddr;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use synodic_simulators::fault::Fault;
use synodic_simulators::google::{
    Control, GoogleOptions, GoogleSimulator, NewCalendar, RunningGoogle, seed_demo,
};
use synodic_simulators::record::RequestRecord;

use super::home::{Home, Program, free_port};
use super::wait::until;

/// The account.
pub const EMAIL: &str = "ada@example.org";

/// Its primary calendar, whose id is the address.
pub const CALENDAR: &str = EMAIL;

/// What the account's second calendar is called.
pub const TEAM: &str = "Team";

/// A simulated Google with one account.
#[derive(Debug)]
pub struct Google {
    simulator: GoogleSimulator,
    running: Option<RunningGoogle>,
    address: SocketAddr,
    team: String,
    token: String,
    http: Client,
}

impl Google {
    /// Starts it with a primary calendar and one called [`TEAM`], both empty.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        Self::start_with(GoogleOptions::default()).await
    }

    /// Starts it with a consent page that waits for somebody to click.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start_asking() -> Self {
        let time_zone = chrono_tz::Europe::Berlin;
        let simulator = GoogleSimulator::new(GoogleOptions { time_zone, ..GoogleOptions::default() });
        simulator.control().add_account(EMAIL, "Ada Moreau");
        Self::listening(simulator, EMAIL.to_owned()).await
    }

    /// Starts it with a behaviour of its own; the consent page always agrees at once.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start_with(options: GoogleOptions) -> Self {
        let simulator = in_berlin(options);
        simulator.control().add_account(EMAIL, "Ada Moreau");
        let team = NewCalendar { summary: TEAM.to_owned(), ..NewCalendar::default() };
        let team = simulator.control().add_calendar(EMAIL, team);
        Self::listening(simulator, team).await
    }

    /// Starts it with the demo's account: a fortnight of events in several calendars.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start_with_a_life(options: GoogleOptions) -> Self {
        let simulator = in_berlin(options);
        let world = seed_demo(&simulator, chrono::Utc::now(), chrono_tz::Europe::Berlin);
        Self::listening(simulator, world.work).await
    }

    async fn listening(simulator: GoogleSimulator, team: String) -> Self {
        let running = simulator.listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.expect("a port is free");
        let address = running.address();
        let token = running.endpoints().access_token.clone();
        let http = synodic_simulators::client_builder().no_proxy().build().expect("a client can be made");
        Self { simulator, running: Some(running), address, team, token, http }
    }

    /// Points a home at this Google and lets its programs be called by it.
    #[must_use]
    pub fn at_home(&self, home: Home) -> Home {
        let base = format!("http://{}", self.address);
        home.with("SYNODIC_GOOGLE_API_URL", format!("{base}/calendar/v3"))
            .with("SYNODIC_GOOGLE_AUTH_URL", format!("{base}/o/oauth2/v2/auth"))
            .with("SYNODIC_GOOGLE_TOKEN_URL", format!("{base}/token"))
            .with("GOOGLE_CLIENT_ID", "synodic-tests")
            .with("GOOGLE_CLIENT_SECRET", "not-a-secret")
            .with("SYNODIC_WEBHOOK_LISTEN", format!("127.0.0.1:{}", free_port()))
    }

    /// Plays the rest of the world.
    pub fn control(&self) -> Control {
        self.simulator.control()
    }

    /// The base of its API.
    pub fn api_url(&self) -> String {
        format!("http://{}/calendar/v3", self.address)
    }

    /// An access token of the account that the program knows nothing of.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The id of the second calendar.
    pub fn team(&self) -> &str {
        &self.team
    }

    /// Goes away, as when the network is lost.
    pub async fn go_away(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Comes back at the same address.
    ///
    /// # Panics
    /// When somebody else has taken the address.
    pub async fn come_back(&mut self) {
        self.running = Some(self.simulator.listen(self.address).await.expect("the address is still ours"));
    }

    /// Makes some of what is asked go wrong.
    pub fn inject(&self, fault: Fault) {
        self.control().inject(fault);
    }

    /// Lets every access token run out; the outsider of these tests gets a new one.
    pub fn expire_access_tokens(&mut self) {
        self.control().expire_access_tokens();
        let (email, _) = self.control().accounts().swap_remove(0);
        self.token = self.control().issue_tokens(&email).0;
    }

    /// What was asked of it and is not in `before`: take [`Control::requests`] first.
    pub fn requests_since(&self, before: usize) -> Vec<RequestRecord> {
        self.control().requests().into_iter().skip(before).collect()
    }

    /// The events of the primary calendar, as anybody with the account's consent reads them.
    ///
    /// # Panics
    /// When it does not answer as Google does.
    pub async fn events(&self) -> Vec<Value> {
        let (_, page) = self.ask(Method::GET, "events?maxResults=2500", None).await;
        page["items"].as_array().cloned().unwrap_or_else(|| panic!("no list of events: {page}"))
    }

    /// The events of the primary calendar that are called `title`.
    pub async fn called(&self, title: &str) -> Vec<Value> {
        self.events().await.into_iter().filter(|event| event["summary"] == title).collect()
    }

    /// Waits until the primary calendar has exactly one event called `title`, and returns it.
    ///
    /// # Panics
    /// When that does not come about.
    pub async fn has(&self, title: &str) -> Value {
        until(&format!("Google has one event called {title:?}"), async || {
            let mut found = self.called(title).await;
            if found.len() == 1 { Ok(found.remove(0)) } else { Err(self.events().await) }
        })
        .await
    }

    /// Waits until the primary calendar has no event called `title` any more.
    ///
    /// # Panics
    /// When that does not come about.
    pub async fn has_no(&self, title: &str) {
        until(&format!("Google has no event called {title:?}"), async || {
            let found = self.called(title).await;
            if found.is_empty() { Ok(()) } else { Err(found) }
        })
        .await;
    }

    /// Reads one event.
    ///
    /// # Panics
    /// When there is none.
    pub async fn event(&self, id: &str) -> Value {
        let (status, event) = self.ask(Method::GET, &format!("events/{id}"), None).await;
        assert_eq!(status, StatusCode::OK, "{event}");
        event
    }

    /// Adds an event with a phone, and returns its id.
    ///
    /// # Panics
    /// When Google does not take it.
    pub async fn add(&self, event: &Value) -> String {
        let (status, answer) = self.ask(Method::POST, "events", Some(event)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["id"].as_str().unwrap_or_else(|| panic!("an event without an id: {answer}")).to_owned()
    }

    /// Changes an event with a phone.
    ///
    /// # Panics
    /// When Google does not take it.
    pub async fn change(&self, id: &str, patch: &Value) {
        let (status, answer) = self.ask(Method::PATCH, &format!("events/{id}"), Some(patch)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Deletes an event with a phone.
    ///
    /// # Panics
    /// When Google does not take it.
    pub async fn delete(&self, id: &str) {
        let (status, answer) = self.ask(Method::DELETE, &format!("events/{id}"), None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let address = format!("{}/calendars/{CALENDAR}/{path}", self.api_url());
        let mut request = self.http.request(method, address).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the simulator answers");
        let status = answer.status();
        let text = answer.text().await.expect("the simulator answers in text");
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("it is JSON") })
    }

    /// Signs in with the command line, as a person does whose browser agrees at once, and links the primary calendar
    /// under the name `calendar`.
    ///
    /// # Panics
    /// When any step fails.
    pub async fn connect(&self, home: &Home, calendar: &str) {
        self.sign_in(home).await;
        home.run(["calendar", "link", calendar, CALENDAR]).await.done();
    }

    /// Signs in with the command line and links every calendar of the account under its own name.
    ///
    /// # Panics
    /// When any step fails.
    pub async fn connect_everything(&self, home: &Home) {
        self.sign_in(home).await;
        let remotes = home.json(["calendar", "remotes"]).await;
        for remote in remotes.as_array().unwrap_or_else(|| panic!("no list of calendars: {remotes}")) {
            let (name, id) =
                (remote["name"].as_str().unwrap_or("Mine"), remote["id"].as_str().unwrap_or_default());
            home.run(["calendar", "link", name, id]).await.done();
        }
    }

    /// Signs in with the command line and returns the account as it was printed.
    ///
    /// # Panics
    /// When any step fails.
    pub async fn sign_in(&self, home: &Home) -> Value {
        let (command, address) = begin_sign_in(home).await;
        let page = self.http.get(&address).send().await.expect("the browser comes back");
        assert_eq!(page.status(), StatusCode::OK, "the browser shows a page in the end");
        signed_in(command).await
    }
}

/// Begins to sign in with the command line; returns the command, which waits, and the address that it asks to open.
///
/// # Panics
/// When it asks for none.
pub async fn begin_sign_in(home: &Home) -> (Program, String) {
    let mut command = home.start("sign-in", ["account", "add", "google", "--no-browser", "--json"]);
    let address = command.says("http").await;
    (command, address.trim().to_owned())
}

/// Waits until a sign-in has come to its end, and returns the account as it was printed.
///
/// # Panics
/// When there is none.
pub async fn signed_in(mut command: Program) -> Value {
    let ended = command.ended().await;
    assert!(ended.success(), "signing in: {}", command.said());
    let answer = command.answered();
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("no account ({error}): {answer}"))
}

/// A simulator in Berlin, whose consent page agrees at once.
fn in_berlin(options: GoogleOptions) -> GoogleSimulator {
    let time_zone = chrono_tz::Europe::Berlin;
    GoogleSimulator::new(GoogleOptions { auto_consent: true, time_zone, ..options })
}

/// An event of an hour on a day, at an hour of Berlin's clock, as Google takes it.
pub fn event(title: &str, day: chrono::NaiveDate, hour: u32) -> Value {
    let time =
        |hour: u32| json!({ "dateTime": format!("{day}T{hour:02}:00:00"), "timeZone": "Europe/Berlin" });
    json!({ "summary": title, "start": time(hour), "end": time(hour + 1) })
}
