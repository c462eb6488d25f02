//! Query parameters: repeated ones, typed ones, and the errors for those that cannot be read.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::chance;
use crate::google::error::ApiError;

/// Parameters that say nothing about what is listed, so they may differ from page to page.
const INCIDENTAL: [&str; 9] = [
    "pageToken",
    "maxResults",
    "fields",
    "alt",
    "prettyPrint",
    "key",
    "quotaUser",
    "oauth_token",
    "access_token",
];

/// The parameters of a request, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(text.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(text) => Err(invalid(name, text)),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, ApiError> {
        self.get(name).map(|text| text.parse().map_err(|_| invalid(name, text))).transpose()
    }

    /// Reads a moment; milliseconds are ignored, an offset is needed.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        let read = |text: &str| {
            let moment =
                DateTime::parse_from_rfc3339(text).map_err(|_| ApiError::bad_request("Bad Request"))?;
            Ok(chrono::SubsecRound::trunc_subsecs(moment.to_utc(), 0))
        };
        self.get(name).map(read).transpose()
    }

    pub(crate) fn zone(&self, name: &str) -> Result<Option<Tz>, ApiError> {
        self.get(name).map(|text| text.parse().map_err(|_| invalid(name, text))).transpose()
    }

    /// A number that stands for everything that decides what is listed.
    pub(crate) fn fingerprint(&self, seed: u64, whose: &[&str]) -> u64 {
        let mut pairs =
            self.0.iter().filter(|(name, _)| !INCIDENTAL.contains(&name.as_str())).collect::<Vec<_>>();
        pairs.sort();
        let mut parts = whose.to_vec();
        parts.extend(pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        chance::number(seed, &parts)
    }
}

fn invalid(name: &str, text: &str) -> ApiError {
    ApiError::bad_parameter(name, format!("Invalid value '{text}' for parameter {name}."))
}
