//! WebKit's own WebDriver, which drives the program's window and a plain browser alike.

use std::path::Path;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::Command;

use super::home::{Home, Program};
use super::wait::{PATIENCE, until};

/// What starts the driver in `home`.
pub(super) fn command(home: &Home) -> Command {
    home.command("WebKitWebDriver")
}

/// Starts the driver and waits until it listens on `port`.
pub(super) async fn start(mut command: Command, home: &Home, port: u16) -> Program {
    command.arg(format!("--port={port}"));
    let driver = Program::start(command, &home.logs().join(format!("driver-{port}")));
    until("the WebDriver listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await).await;
    driver
}

/// Begins a session with what `binary` shows when it is started with `arguments`. `said` is asked when it does not
/// come about.
pub(super) async fn session(
    port: u16,
    binary: &Path,
    arguments: &[&str],
    said: impl Fn() -> String,
) -> Client {
    let options: Value = json!({ "binary": binary, "args": arguments });
    let capabilities = Capabilities::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
    let address = format!("http://127.0.0.1:{port}");
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let session = builder.capabilities(capabilities).connect(&address);
    match tokio::time::timeout(PATIENCE, session).await {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => panic!("no session with {}: {error}; it said: {}", binary.display(), said()),
        Err(_) => panic!("no session with {} after {PATIENCE:?}; it said: {}", binary.display(), said()),
    }
}
