//! Addresses of calendar files, as people paste them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use synodic_model::RemoteCalendarId;
use url::Url;
use uuid::Uuid;

/// What ids are derived from; a constant of this program.
const NAMES: Uuid = Uuid::from_u128(0x8b1e_04d2_7c55_4f0e_9a36_c2f7_11d8_6e43);

/// Where a file is. Whoever knows it can often read the calendar, so it is shown to nobody but the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Without a name and a password.
    pub(super) url: Url,
    /// What is sent beside it, where the address carries a name and a password.
    pub(super) authorization: Option<HeaderValue>,
    /// As it is kept.
    text: String,
}

impl Address {
    /// Reads what was pasted. `webcal://` is what programs open instead of `https://`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let text = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("webcal") => format!("https://{rest}"),
            Some(_) => text.to_owned(),
            None => format!("https://{text}"),
        };
        let mut url = Url::parse(&text).map_err(|_| "This is no address of a calendar.".to_owned())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("The address of a calendar begins with https:// or webcal://.".to_owned());
        }
        url.set_fragment(None);
        let text = url.to_string();
        let authorization = authorization(&url);
        // Neither can fail where there is a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { url, authorization, text })
    }

    /// As it is kept: in the keyring only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, which may be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// What the calendar is called by in the replica: nothing that the address could be read from.
    #[must_use]
    pub fn id(&self) -> RemoteCalendarId {
        RemoteCalendarId::new(Uuid::new_v5(&NAMES, self.text.as_bytes()).to_string())
    }
}

fn authorization(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pair = format!("{}:{}", plain(url.username()), plain(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_paste_them() {
        let read = |text: &str| Address::read(text).unwrap().as_str().to_owned();
        assert_eq!(read(" webcal://example.org/a.ics\n"), "https://example.org/a.ics");
        assert_eq!(read("WEBCAL://example.org/a.ics"), "https://example.org/a.ics");
        assert_eq!(read("example.org/a.ics"), "https://example.org/a.ics");
        assert_eq!(read("http://localhost:8080/a.ics#today"), "http://localhost:8080/a.ics");
        for wrong in ["", "file:///etc/passwd", "javascript://x", "https://", "mailto://ada@example.org"] {
            assert!(Address::read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_sent_beside_it() {
        let address = Address::read("https://ada:a%20b@example.org/a.ics").unwrap();
        assert_eq!(address.url.as_str(), "https://example.org/a.ics");
        assert_eq!(address.authorization.unwrap(), "Basic YWRhOmEgYg==");
    }
}
