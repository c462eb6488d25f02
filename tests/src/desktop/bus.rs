//! A session bus of its own for one test, on which nothing runs but what the test puts there.

use std::fs;
use std::path::Path;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use zbus::Connection;

/// No service folders, so that no installed daemon is started on demand and a missing one is really missing.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A running session bus.
#[derive(Debug)]
pub struct SessionBus {
    address: String,
    _daemon: Child,
}

impl SessionBus {
    /// Starts a bus; its configuration is kept in `folder`.
    ///
    /// # Panics
    /// When `dbus-daemon` is missing or does not start.
    pub async fn start(folder: &Path) -> Self {
        let configuration = folder.join("session-bus.conf");
        fs::write(&configuration, CONFIGURATION).expect("a file can be written");
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--print-address"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("dbus-daemon is installed");
        let output = daemon.stdout.take().expect("its output is piped");
        let address = BufReader::new(output).lines().next_line().await.expect("dbus-daemon can be read");
        Self { address: address.expect("dbus-daemon says where it listens"), _daemon: daemon }
    }

    /// Where it listens, for `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connection of the test's own.
    ///
    /// # Panics
    /// When the bus has gone.
    pub async fn connect(&self) -> Connection {
        let builder =
            zbus::connection::Builder::address(self.address.as_str()).expect("a bus has an address");
        builder.build().await.expect("the bus accepts connections")
    }
}
