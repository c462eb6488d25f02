//! Calendar servers that others have written, started on loopback for a test and stopped with it.
//!
//! Radicale and Xandikos differ in nearly everything that the standards leave open, so what holds with both may well
//! hold with others. Both come from the Python packages that `scripts/venv` installs. What a test does at a server
//! beside Synodic it does with plain requests, so that no mistake of ours is repeated.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use tempfile::TempDir;

/// The person.
pub const USER: &str = "ada";
/// Her password.
pub const PASSWORD: &str = "lovelace";

const PATIENCE: Duration = Duration::from_secs(60);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Radicale, with a password.
    Radicale,
    /// Xandikos, which asks for none.
    Xandikos,
}

/// A running server with one person and one calendar, `work`.
#[derive(Debug)]
pub struct DavServer {
    /// Which one it is.
    pub kind: Kind,
    address: SocketAddr,
    process: Child,
    folder: TempDir,
    client: reqwest::Client,
}

/// What a server answered.
#[derive(Debug)]
pub struct DavAnswer {
    /// HTTP status.
    pub status: u16,
    /// The `ETag`, if there is one.
    pub etag: Option<String>,
    /// The body.
    pub body: String,
}

/// The interpreter with the servers: `SYNODIC_PYTHON`, or the one that `scripts/venv` sets up.
pub fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::var_os("SYNODIC_PYTHON").map_or_else(|| root.join(".venv/bin/python"), PathBuf::from)
}

impl DavServer {
    /// Starts a server, waits until it answers, and makes the calendar.
    pub async fn start(kind: Kind) -> Self {
        Self::start_in(kind, tempfile::tempdir().unwrap()).await
    }

    /// Starts a server on data that are there already.
    pub async fn start_in(kind: Kind, folder: TempDir) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = spawn(kind, address, folder.path());
        let client =
            synodic_simulators::client_builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let server = Self { kind, address, process, folder, client };
        let deadline = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            assert!(Instant::now() < deadline, "{kind:?} does not start; see SYNODIC_PYTHON");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Radicale makes the person's home when she first asks for it.
        server.ask("PROPFIND", &server.home(), &[("Depth", "0")], "").await;
        let there = server.ask("PROPFIND", &server.calendar("work"), &[("Depth", "0")], "").await;
        // Xandikos says of what is not there that it is not, in a multistatus.
        if there.status != 207 || there.body.contains("404 Not Found") && !there.body.contains("200 OK") {
            server.make_calendar("work").await;
        }
        server
    }

    /// Where the person starts from.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Where its data are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of the person's calendars.
    pub fn home(&self) -> String {
        match self.kind {
            Kind::Radicale => format!("/{USER}/"),
            Kind::Xandikos => format!("/{USER}/calendars/"),
        }
    }

    /// The path of a calendar, which is its id as well.
    pub fn calendar(&self, name: &str) -> String {
        format!("{}{name}/", self.home())
    }

    /// Makes a calendar for events.
    pub async fn make_calendar(&self, name: &str) {
        let body = format!(
            "<C:mkcalendar xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:set><D:prop><D:displayname>{name}</D:displayname>\
             <C:supported-calendar-component-set><C:comp name=\"VEVENT\"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>"
        );
        let headers = [("Content-Type", "application/xml; charset=utf-8")];
        let answer = self.ask("MKCALENDAR", &self.calendar(name), &headers, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }

    /// Sends a request as the person's phone would.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> DavAnswer {
        let url = format!("http://{}{path}", self.address);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            self.client.request(method, url).basic_auth(USER, Some(PASSWORD)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned());
        DavAnswer { status, etag, body: answer.text().await.unwrap() }
    }

    /// Writes a resource of the calendar `work`.
    pub async fn put(&self, name: &str, text: &str) -> DavAnswer {
        let path = format!("{}{name}", self.calendar("work"));
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        let headers = [("Content-Type", "text/calendar; charset=utf-8")];
        let answer = self.ask("PUT", &path, &headers, &text).await;
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
        answer
    }

    /// Reads a resource of the calendar `work` with its lines unfolded; none when there is none.
    pub async fn get(&self, name: &str) -> Option<String> {
        let answer = self.ask("GET", &format!("{}{name}", self.calendar("work")), &[], "").await;
        (answer.status == 200).then(|| answer.body.replace("\r\n", "\n").replace("\n ", ""))
    }

    /// Deletes a resource of the calendar `work`.
    pub async fn delete(&self, name: &str) {
        let answer = self.ask("DELETE", &format!("{}{name}", self.calendar("work")), &[], "").await;
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
    }

    /// The names of the resources in the calendar `work`, in order.
    pub async fn names(&self) -> Vec<String> {
        let path = self.calendar("work");
        let answer = self.ask("PROPFIND", &path, &[("Depth", "1")], "").await;
        let names = answer.body.split("href>").skip(1).step_by(2);
        let mut names: Vec<String> = names
            .filter_map(|href| href.split('<').next()?.strip_prefix(&path).map(str::to_owned))
            .filter(|name| !name.is_empty())
            .collect();
        names.sort();
        names
    }

    /// The texts of all resources in the calendar `work`.
    pub async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for name in self.names().await {
            texts.extend(self.get(&name).await);
        }
        texts
    }
}

impl Drop for DavServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(kind: Kind, address: SocketAddr, folder: &Path) -> Child {
    let mut command = Command::new(python());
    match kind {
        Kind::Radicale => {
            let passwords = folder.join("passwords");
            std::fs::write(&passwords, format!("{USER}:{PASSWORD}\n")).unwrap();
            command.args(["-m", "radicale", "--config", ""]);
            command.arg(format!("--server-hosts={address}"));
            command.arg(format!("--storage-filesystem-folder={}", folder.display()));
            command.args(["--auth-type=htpasswd", "--auth-htpasswd-encryption=plain", "--auth-delay=0"]);
            command.arg(format!("--auth-htpasswd-filename={}", passwords.display()));
        }
        Kind::Xandikos => {
            command.args(["-m", "xandikos", "serve", "--autocreate"]);
            command.arg(format!("--current-user-principal=/{USER}/"));
            command.arg(format!("--directory={}", folder.display()));
            command.arg(format!("--state-dir={}", folder.display()));
            command.arg(format!("--listen-address={}", address.ip()));
            command.arg(format!("--port={}", address.port()));
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("python runs; see SYNODIC_PYTHON")
}
