//! What the program takes from the environment it is started in, read once and handed on as plain values.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use synodic_engine::clock::SystemClock;
use synodic_engine::config::{NotionConfig, Polling, SecretsPlace, WebhookConfig};
use synodic_engine::google::{GoogleClient, GoogleEndpoints};
use synodic_engine::notion::{NotionClient, NotionEndpoint, Pace};
use synodic_engine::view::{Failure, FailureCode};
use synodic_engine::{Engine, EngineConfig, EngineError};
use url::Url;

use crate::anew;

/// Looks a variable up; tests hand in a map.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own environment. An empty variable counts as unset.
pub(crate) fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where the replica is: the option if given, else `SYNODIC_DATA_DIR`, else the desktop's place for program data.
pub(crate) fn data_dir(option: Option<&Path>, lookup: Lookup<'_>) -> Result<PathBuf, Failure> {
    let chosen = option.map(Path::to_path_buf).or_else(|| lookup("SYNODIC_DATA_DIR").map(PathBuf::from));
    let place = chosen.or_else(|| {
        directories::ProjectDirs::from("org", "Synodic", "Synodic").map(|dirs| dirs.data_dir().to_path_buf())
    });
    place.ok_or_else(|| {
        let message = "no folder for the calendar's data could be found; name one with --data-dir";
        Failure { code: FailureCode::Storage, message: message.into(), field: None }
    })
}

/// The engine's configuration for `data_dir`.
pub(crate) fn engine_config(data_dir: PathBuf, lookup: Lookup<'_>) -> Result<EngineConfig, Failure> {
    Ok(EngineConfig {
        data_dir,
        secrets: secrets_place(lookup)?,
        google_endpoints: google_endpoints(lookup)?,
        google_client: lookup("GOOGLE_CLIENT_ID")
            .map(|id| GoogleClient { id, secret: lookup("GOOGLE_CLIENT_SECRET") }),
        notion: notion(lookup)?,
        webhook: webhook(lookup)?,
        polling: polling(lookup)?,
        viewer: viewer_zone(),
        autonomous: true,
    })
}

/// How long after its window was closed the program starts anew without it.
pub(crate) fn rest_before_anew(lookup: Lookup<'_>) -> Result<Duration, Failure> {
    let Some(value) = lookup("SYNODIC_RELEASE_SECONDS") else { return Ok(anew::REST) };
    let seconds: NonZeroU32 = number("SYNODIC_RELEASE_SECONDS", &value)?;
    Ok(Duration::from_secs(seconds.get().into()))
}

/// Starts this process's engine.
///
/// # Errors
/// As [`Engine::start`].
pub(crate) async fn start_engine(config: EngineConfig) -> Result<Engine, EngineError> {
    let clock = Arc::new(SystemClock);
    #[cfg(debug_assertions)]
    if let Some(end) = process_environment("SYNODIC_TEST_END_AT").and_then(|end| end.parse().ok()) {
        return Engine::start_until(config, clock, end).await;
    }
    Engine::start(config, clock).await
}

/// The zone that `TZ` names, else the machine's; UTC when it cannot be told.
pub(crate) fn viewer_zone() -> chrono_tz::Tz {
    // The web view and the C library go by this variable, and all of the program should show the same times.
    let named = process_environment("TZ").and_then(|name| name.trim_start_matches(':').parse().ok());
    let machine = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
    named.or_else(machine).unwrap_or(chrono_tz::UTC)
}

fn secrets_place(lookup: Lookup<'_>) -> Result<SecretsPlace, Failure> {
    match lookup("SYNODIC_SECRETS").as_deref() {
        None | Some("keyring") => Ok(SecretsPlace::Keyring),
        Some("file") => Ok(SecretsPlace::File),
        Some(other) => Err(invalid(format!("SYNODIC_SECRETS is “{other}”; it must be “keyring” or “file”"))),
    }
}

fn notion(lookup: Lookup<'_>) -> Result<NotionConfig, Failure> {
    let mut config = NotionConfig::default();
    if let Some(value) = lookup("SYNODIC_NOTION_API_URL") {
        config.endpoint = NotionEndpoint(address("SYNODIC_NOTION_API_URL", &value)?);
    }
    if let (Some(id), Some(secret)) = (lookup("NOTION_CLIENT_ID"), lookup("NOTION_CLIENT_SECRET")) {
        config.client = Some(NotionClient { id, secret });
    }
    if let Some(value) = lookup("SYNODIC_NOTION_REDIRECT_PORT") {
        config.redirect_port = number("SYNODIC_NOTION_REDIRECT_PORT", &value)?;
    }
    if let Some(value) = lookup("SYNODIC_NOTION_POLL_SECONDS") {
        let seconds: NonZeroU32 = number("SYNODIC_NOTION_POLL_SECONDS", &value)?;
        config.polling = Duration::from_secs(seconds.get().into());
    }
    if let Some(value) = lookup("SYNODIC_NOTION_REQUESTS_PER_SECOND") {
        let per_second = number("SYNODIC_NOTION_REQUESTS_PER_SECOND", &value)?;
        config.pace = Pace::Limited { per_second, burst: per_second };
    }
    Ok(config)
}

/// How often accounts are asked that cannot call us.
fn polling(lookup: Lookup<'_>) -> Result<Polling, Failure> {
    let mut polling = Polling::default();
    for (name, interval) in
        [("SYNODIC_POLL_SECONDS", &mut polling.active), ("SYNODIC_IDLE_POLL_SECONDS", &mut polling.idle)]
    {
        if let Some(value) = lookup(name) {
            let seconds: NonZeroU32 = number(name, &value)?;
            *interval = Duration::from_secs(seconds.get().into());
        }
    }
    Ok(polling)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Failure> {
    value
        .trim()
        .parse()
        .map_err(|_| invalid(format!("{name} is “{value}”; write a number that makes sense there")))
}

fn google_endpoints(lookup: Lookup<'_>) -> Result<GoogleEndpoints, Failure> {
    let mut endpoints = GoogleEndpoints::public();
    for (name, endpoint) in [
        ("SYNODIC_GOOGLE_API_URL", &mut endpoints.api),
        ("SYNODIC_GOOGLE_AUTH_URL", &mut endpoints.auth),
        ("SYNODIC_GOOGLE_TOKEN_URL", &mut endpoints.token),
    ] {
        if let Some(value) = lookup(name) {
            *endpoint = address(name, &value)?;
        }
    }
    Ok(endpoints)
}

fn webhook(lookup: Lookup<'_>) -> Result<Option<WebhookConfig>, Failure> {
    let public_url =
        lookup("SYNODIC_WEBHOOK_URL").map(|value| address("SYNODIC_WEBHOOK_URL", &value)).transpose()?;
    let listen = lookup("SYNODIC_WEBHOOK_LISTEN").map(|value| socket(&value)).transpose()?;
    Ok(match (public_url, listen) {
        (None, None) => None,
        (public_url, listen) => {
            let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], DEFAULT_WEBHOOK_PORT)));
            Some(WebhookConfig { public_url, listen })
        }
    })
}

/// Where the webhook receiver listens when a public address is set and nothing else is said.
const DEFAULT_WEBHOOK_PORT: u16 = 8737;

fn address(name: &str, value: &str) -> Result<Url, Failure> {
    let url = Url::parse(value).map_err(|error| invalid(format!("{name} is not an address: {error}")))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(invalid(format!("{name} must begin with https:// or http://")))
    }
}

fn socket(value: &str) -> Result<SocketAddr, Failure> {
    value.parse().map_err(|_| {
        invalid(format!(
            "SYNODIC_WEBHOOK_LISTEN is “{value}”; write an address and a port, as 127.0.0.1:8737"
        ))
    })
}

fn invalid(message: String) -> Failure {
    Failure { code: FailureCode::Invalid, message, field: None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<EngineConfig, Failure> {
        let map: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        engine_config("/nowhere".into(), &move |name| map.get(name).cloned())
    }

    #[test]
    fn an_empty_environment_means_the_public_services_and_the_keyring() {
        let config = config(&[]).unwrap();
        assert_eq!(config.google_endpoints, GoogleEndpoints::public());
        assert_eq!(config.secrets, SecretsPlace::Keyring);
        assert_eq!(config.webhook, None);
        assert_eq!(config.google_client, None);
        assert_eq!(config.notion, NotionConfig::default());
    }

    #[test]
    fn notion_can_be_told_where_it_is_and_how_much_it_may_be_asked() {
        let config = config(&[
            ("SYNODIC_NOTION_API_URL", "http://127.0.0.1:1/v1"),
            ("SYNODIC_NOTION_POLL_SECONDS", "30"),
            ("SYNODIC_NOTION_REQUESTS_PER_SECOND", "10"),
        ])
        .unwrap();
        assert_eq!(config.notion.endpoint.0.as_str(), "http://127.0.0.1:1/v1");
        assert_eq!(config.notion.polling, Duration::from_secs(30));
        let ten = NonZeroU32::new(10).unwrap();
        assert_eq!(config.notion.pace, Pace::Limited { per_second: ten, burst: ten });
    }

    #[test]
    fn how_often_accounts_are_asked_can_be_set() {
        assert_eq!(config(&[]).unwrap().polling, Polling::default());
        let polling =
            config(&[("SYNODIC_POLL_SECONDS", "30"), ("SYNODIC_IDLE_POLL_SECONDS", "900")]).unwrap().polling;
        assert_eq!(polling, Polling { active: Duration::from_secs(30), idle: Duration::from_secs(900) });
    }

    #[test]
    fn how_long_a_closed_window_is_remembered_can_be_set() {
        let rest = |value: Option<&str>| rest_before_anew(&|_| value.map(str::to_owned));
        assert_eq!(rest(None).unwrap(), anew::REST);
        assert_eq!(rest(Some("5")).unwrap(), Duration::from_secs(5));
        assert!(rest(Some("0")).unwrap_err().message.contains("SYNODIC_RELEASE_SECONDS"));
    }

    #[test]
    fn endpoints_can_be_replaced_one_by_one() {
        let config = config(&[("SYNODIC_GOOGLE_API_URL", "http://127.0.0.1:1/calendar/v3")]).unwrap();
        assert_eq!(config.google_endpoints.api.as_str(), "http://127.0.0.1:1/calendar/v3");
        assert_eq!(config.google_endpoints.token, GoogleEndpoints::public().token);
    }

    #[test]
    fn a_wrong_value_is_named_with_what_would_be_right() {
        for (name, value, hint) in [
            ("SYNODIC_SECRETS", "plain", "keyring"),
            ("SYNODIC_GOOGLE_API_URL", "ftp://example.org", "https://"),
            ("SYNODIC_WEBHOOK_LISTEN", "8080", "127.0.0.1:8737"),
            ("SYNODIC_NOTION_API_URL", "api.notion.com", "address"),
            ("SYNODIC_NOTION_POLL_SECONDS", "0", "number"),
            ("SYNODIC_POLL_SECONDS", "0", "number"),
            ("SYNODIC_IDLE_POLL_SECONDS", "soon", "number"),
            ("SYNODIC_NOTION_REQUESTS_PER_SECOND", "many", "number"),
        ] {
            let failure = config(&[(name, value)]).unwrap_err();
            assert_eq!(failure.code, FailureCode::Invalid);
            assert!(failure.message.contains(name) && failure.message.contains(hint), "{}", failure.message);
        }
    }

    #[test]
    fn the_option_goes_before_the_variable() {
        let lookup = |_: &str| Some("/from/variable".to_owned());
        assert_eq!(data_dir(Some(Path::new("/from/option")), &lookup).unwrap(), Path::new("/from/option"));
        assert_eq!(data_dir(None, &lookup).unwrap(), Path::new("/from/variable"));
    }
}
