//! How Synodic signs in at calendar servers: digests, tokens, and certificates of a server's own, each asked of a real
//! server behind what the test puts in front of it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use sha2::{Digest, Sha256};
use synodic_engine::EngineError;
use synodic_engine::caldav::CaldavPlace;
use synodic_model::IntegrationId;
use synodic_model::sync::SyncDirection;
use synodic_tests::dav::{DavServer, Kind, PASSWORD, USER, python};
use synodic_tests::world::{World, meeting};

/// What a guard asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// A digest whose number is good for so many requests.
    Digest(u32),
    /// This token.
    Bearer(&'static str),
}

/// Stands before a server and lets pass who says what it wants to hear.
#[derive(Debug)]
struct Guard {
    wanted: Wanted,
    server: String,
    client: reqwest::Client,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Which number is given out.
    number: u32,
    /// How often it was used.
    used: u32,
    passed: u32,
    refused: u32,
}

impl Guard {
    async fn before(server: &DavServer, wanted: Wanted) -> (Arc<Self>, String) {
        let client =
            synodic_simulators::client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let server = server.url().trim_end_matches('/').to_owned();
        let guard = Arc::new(Self { wanted, server, client, counts: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().fallback(guarded).with_state(Arc::clone(&guard));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (guard, url)
    }

    /// What is answered to somebody who does not pass; none when they do.
    fn refusal(&self, method: &str, path: &str, headers: &HeaderMap) -> Option<String> {
        let said = headers.get("authorization").and_then(|said| said.to_str().ok()).unwrap_or_default();
        let mut counts = self.counts.lock().unwrap();
        let asked = match self.wanted {
            Wanted::Bearer(token) => {
                (said != format!("Bearer {token}")).then(|| "Bearer realm=\"calendars\"".to_owned())
            }
            Wanted::Digest(limit) => {
                let is_right = is_digest(said, method, path);
                let is_stale = is_right
                    && (counts.used >= limit || !said.contains(&format!("\"number {}\"", counts.number)));
                if is_right && !is_stale {
                    counts.used += 1;
                    None
                } else {
                    counts.number += 1;
                    counts.used = 0;
                    let number = counts.number;
                    Some(format!(
                        "Digest realm=\"calendars\", nonce=\"number {number}\", qop=\"auth\", algorithm=SHA-256, stale={is_stale}"
                    ))
                }
            }
        };
        if asked.is_some() {
            counts.refused += 1;
        } else {
            counts.passed += 1;
        }
        asked
    }

    fn counts(&self) -> (u32, u32) {
        let counts = self.counts.lock().unwrap();
        (counts.passed, counts.refused)
    }
}

/// Whether this is the answer to a challenge that RFC 7616 asks for, reckoned here anew.
fn is_digest(said: &str, method: &str, path: &str) -> bool {
    let Some(said) = said.strip_prefix("Digest ") else { return false };
    let field = |name: &str| {
        let start = said.find(&format!("{name}="))? + name.len() + 1;
        let rest = &said[start..];
        Some(match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default(),
            None => rest.split(',').next().unwrap_or_default().trim(),
        })
    };
    let hash = |text: String| -> String {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let fields: Option<Vec<&str>> =
        [" nonce", "nc", "cnonce", "response", "uri"].into_iter().map(field).collect();
    let Some([nonce, nc, cnonce, response, uri]) = fields.as_deref() else { return false };
    let secret = hash(format!("{USER}:calendars:{PASSWORD}"));
    let request = hash(format!("{method}:{path}"));
    *uri == path && *response == hash(format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}"))
}

async fn guarded(State(guard): State<Arc<Guard>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if let Some(asked) = guard.refusal(parts.method.as_str(), &path, &parts.headers) {
        let answer = Response::builder().status(401).header("www-authenticate", asked);
        return answer.body(Body::empty()).unwrap();
    }
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let request = guard.client.request(parts.method, format!("{}{path}", guard.server));
    let mut request = request.basic_auth(USER, Some(PASSWORD)).body(body);
    for name in ["content-type", "depth", "if-match", "if-none-match"] {
        if let Some(value) = parts.headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let mut passed = Response::builder().status(answer.status());
    for name in ["content-type", "etag", "location"] {
        if let Some(value) = answer.headers().get(name) {
            passed = passed.header(name, value);
        }
    }
    passed.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

/// Makes, changes and deletes an event at the server `url` leads to.
async fn works(server: &DavServer, url: String, user: Option<&str>, secret: &str) {
    let world = World::new().await;
    let place = CaldavPlace { place: url, user: user.map(str::to_owned), certificate: None };
    let account = world.engine.connect_caldav(place, secret).await.unwrap();
    let calendar = world.link(None, account, &server.calendar("work"), SyncDirection::Bidirectional).await;
    world.pass().await;
    let made = world.create(calendar.id, meeting("Ours", 3)).await;
    world.pass().await;
    world.change(made.id, |content| content.title = "Changed".into()).await;
    let report = world.pass().await;
    assert_eq!((report.pending, report.failed), (0, 0), "{report:#?}");
    assert!(server.texts().await[0].contains("SUMMARY:Changed"));
    world.delete(made.id).await;
    world.pass().await;
    assert!(server.names().await.is_empty());
}

#[tokio::test]
async fn a_digest_is_given_where_a_server_asks_for_it() {
    let server = DavServer::start(Kind::Radicale).await;
    let (guard, url) = Guard::before(&server, Wanted::Digest(1_000)).await;
    works(&server, url, Some(USER), PASSWORD).await;
    let (passed, refused) = guard.counts();
    assert!(passed > 8, "{passed}");
    assert!(refused <= 3, "once asked, it is given at once: {refused} refusals");
}

#[tokio::test]
async fn a_digest_is_made_anew_when_its_number_is_used_up() {
    let server = DavServer::start(Kind::Radicale).await;
    let (guard, url) = Guard::before(&server, Wanted::Digest(2)).await;
    works(&server, url, Some(USER), PASSWORD).await;
    assert!(guard.counts().1 > 3, "{:?}", guard.counts());
}

#[tokio::test]
async fn a_wrong_password_is_not_tried_again_and_again() {
    let server = DavServer::start(Kind::Radicale).await;
    let (guard, url) = Guard::before(&server, Wanted::Digest(1_000)).await;
    let world = World::new().await;
    let place = CaldavPlace { place: url, user: Some(USER.to_owned()), certificate: None };
    let error = world.engine.connect_caldav(place, "wrong").await.unwrap_err();
    assert!(matches!(error, EngineError::SignIn { .. }), "{error}");
    let (passed, refused) = guard.counts();
    assert_eq!(passed, 0);
    assert!(refused <= 2, "{refused}");
}

#[tokio::test]
async fn a_token_speaks_for_itself() {
    let server = DavServer::start(Kind::Radicale).await;
    let (guard, url) = Guard::before(&server, Wanted::Bearer("t0ken")).await;
    works(&server, url, None, "t0ken").await;
    assert_eq!(guard.counts().1, 0, "it is given unasked");
}

/// A server with a certificate.
struct Secured {
    url: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/tls").join(name)
}

impl Secured {
    async fn start(certificate: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let calendar = folder.path().join("collection-root").join(USER).join("work");
        std::fs::create_dir_all(&calendar).unwrap();
        std::fs::write(calendar.join(".Radicale.props"), "{\"tag\": \"VCALENDAR\"}").unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let passwords = folder.path().join("passwords");
        std::fs::write(&passwords, format!("{USER}:{PASSWORD}\n")).unwrap();
        let process = Command::new(python())
            .args(["-m", "radicale", "--config", "", "--server-ssl"])
            .arg(format!("--server-certificate={}", fixture(certificate).display()))
            .arg(format!("--server-key={}", fixture("server.key").display()))
            .arg(format!("--server-hosts={address}"))
            .arg(format!("--storage-filesystem-folder={}", folder.path().display()))
            .args(["--auth-type=htpasswd", "--auth-htpasswd-encryption=plain", "--auth-delay=0"])
            .arg(format!("--auth-htpasswd-filename={}", passwords.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { url: format!("https://{address}/"), process, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(60);
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "Radicale does not start; see SYNODIC_PYTHON");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    async fn connect(&self, world: &World, authority: Option<&str>) -> Result<IntegrationId, EngineError> {
        let certificate = authority.map(fixture);
        let place = CaldavPlace { place: self.url.clone(), user: Some(USER.to_owned()), certificate };
        world.engine.connect_caldav(place, PASSWORD).await
    }
}

#[tokio::test]
async fn a_server_whose_authority_is_named_is_believed() {
    let server = Secured::start("server.pem").await;
    let world = World::new().await;
    let account = server.connect(&world, Some("authority.pem")).await.unwrap();
    let calendars = world.engine.remote_calendars(Some(account)).await.unwrap();
    assert_eq!(calendars.len(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_believed_is_explained() {
    let world = World::new().await;
    for (certificate, authority, words) in [
        ("server.pem", None, "name the file of its authority"),
        ("expired.pem", Some("authority.pem"), "has run out"),
        ("elsewhere.pem", Some("authority.pem"), "belongs to another name"),
    ] {
        let server = Secured::start(certificate).await;
        let error = server.connect(&world, authority).await.unwrap_err().to_string();
        assert!(error.contains(words), "{certificate}: {error}");
    }
    let accounts = world.engine.snapshot().integrations;
    assert!(accounts.is_empty(), "nothing is kept of what did not work");
}

#[tokio::test]
async fn a_file_that_is_no_certificate_is_said_to_be_none() {
    let server = Secured::start("server.pem").await;
    let world = World::new().await;
    let error = server.connect(&world, Some("absent.pem")).await.unwrap_err().to_string();
    assert!(error.contains("absent.pem") && error.contains("cannot be read"), "{error}");
    let error = server.connect(&world, Some("README.md")).await.unwrap_err().to_string();
    assert!(error.contains("no certificate"), "{error}");
}
