//! What a sign-in in the browser brings is in the keyring and nowhere else; what is on the disk is for its owner only.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use synodic_tests::desktop::browser::Browser;
use synodic_tests::desktop::google::{CALENDAR, EMAIL, Google, begin_sign_in, signed_in};
use synodic_tests::desktop::home::Home;
use synodic_tests::desktop::story::{Stage, tell};
use url::form_urlencoded;

use crate::consent::parameter;

#[test]
fn tokens_are_in_the_keyring_and_nowhere_on_the_disk() {
    tell("keyring", async |stage: Stage| {
        // The desktop's own session bus, on which a real keyring daemon runs.
        let mut google = Google::start_asking().await;
        let home =
            google.at_home(Home::new(stage.folder())).without("SYNODIC_SECRETS").with("SYNODIC_LOG", "trace");
        let (command, address) = begin_sign_in(&home).await;
        let browser = Browser::open(&stage).await;
        browser.visit(&address).await;
        let page = browser.shows("wants access").await;
        assert!(page.contains("calendar.events"), "{page}");
        browser.click("[value=allow]").await;
        browser.shows("You can close this window").await;
        let code = parameter(&browser.address().await, "code");
        let account = signed_in(command).await;
        assert_eq!(account["account"], EMAIL);
        home.run(["calendar", "link", "Mine", CALENDAR]).await.done();

        let mut secrets = tokens_in_keyring(&home).await;
        // A token that has run out makes the program write a new one.
        google.expire_access_tokens();
        let mut serve = home.start("serve", ["serve"]);
        serve.says("serving").await;
        home.json(["event", "add", "--calendar", "Mine", "--title", "Kept apart", "--start", "2027-03-15"])
            .await;
        google.has("Kept apart").await;
        let renewed = tokens_in_keyring(&home).await;
        assert_ne!(renewed[0], secrets[0], "the access token was renewed");
        secrets.extend(renewed);
        // In an address, a code is encoded.
        secrets.push(form_urlencoded::byte_serialize(code.as_bytes()).collect());
        secrets.push(code);
        assert!(secrets.iter().all(|secret| secret.len() > 16), "real ones: {}", secrets.len());

        // The browser is not ours, and has seen the code in its address.
        let elsewhere = Browser::logs(&stage);
        let mut looked_through = files(&[home.folder(), stage.folder()]);
        looked_through.retain(|file| !file.starts_with(&elsewhere));
        // While it runs there is a write-ahead log, too; and what it said, on either output.
        for ending in ["synodic.db", "-wal", "sign-in.out", "sign-in.log", "serve.log"] {
            let is_there = looked_through.iter().any(|file| file.to_string_lossy().ends_with(ending));
            assert!(is_there, "no {ending} in {looked_through:?}");
        }
        for file in &looked_through {
            let bytes = fs::read(file).unwrap_or_default();
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "a secret is in {}", file.display());
            }
        }
        for_its_owner_only(&home.data_dir());

        home.json(["account", "remove", EMAIL, "--remove-events"]).await;
        let left = home
            .command("secret-tool")
            .args(["search", "--all", "service", "synodic"])
            .output()
            .await
            .unwrap();
        let left = String::from_utf8_lossy(&left.stdout).into_owned();
        assert!(!left.contains(EMAIL), "the keyring forgets an account that was removed: {left}");
        serve.terminate();
        assert!(serve.ended().await.success(), "{}", serve.said());
    });
}

#[test]
fn secrets_in_a_file_are_for_their_owner_only() {
    tell("secrets-file", async |stage: Stage| {
        let google = Google::start().await;
        let home = google.at_home(Home::new(stage.folder()));
        google.connect(&home, "Mine").await;
        assert!(fs::read_to_string(home.data_dir().join("secrets.json")).unwrap().contains("token"));
        for_its_owner_only(&home.data_dir());
    });
}

#[test]
fn without_a_keyring_the_person_is_told_and_no_file_is_written() {
    tell("no-keyring", async |stage: Stage| {
        let google = Google::start().await;
        let bus = synodic_tests::desktop::bus::SessionBus::start(stage.folder()).await;
        let home = google.at_home(Home::new(stage.folder())).without("SYNODIC_SECRETS");
        let home = home.with("DBUS_SESSION_BUS_ADDRESS", bus.address());
        let (mut sign_in, address) = begin_sign_in(&home).await;
        let browser = synodic_simulators::client_builder().no_proxy().build().unwrap();
        browser.get(address).send().await.unwrap();
        assert_eq!(sign_in.ended().await.code(), Some(1), "{}", sign_in.said());
        assert!(sign_in.said().contains("keyring"), "{}", sign_in.said());
        assert_eq!(home.json(["account", "list"]).await, serde_json::json!([]));
        assert!(!home.data_dir().join("secrets.json").exists());
    });
}

/// The tokens in the keyring, as the keyring's own tool shows them.
async fn tokens_in_keyring(home: &Home) -> Vec<String> {
    let found =
        home.command("secret-tool").args(["search", "--all", "service", "synodic"]).output().await.unwrap();
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    let secret = text
        .lines()
        .find_map(|line| line.strip_prefix("secret = "))
        .unwrap_or_else(|| panic!("no secret: {text}"));
    let secret: Value = serde_json::from_str(secret).unwrap();
    ["access_token", "refresh_token"].map(|name| secret[name].as_str().expect(name).to_owned()).to_vec()
}

/// Every file in some folders.
fn files(folders: &[&Path]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

fn for_its_owner_only(folder: &Path) {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700, "{}", folder.display());
    for file in files(&[folder]) {
        // A picture of a cloud, and a lock without content, are no secret.
        if file.starts_with(folder.join("tray")) || file.ends_with("synodic.lock") {
            continue;
        }
        assert_eq!(mode(&file), 0o600, "{} is open to others", file.display());
    }
}
