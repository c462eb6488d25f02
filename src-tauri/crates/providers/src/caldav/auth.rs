//! How requests say who is asking: Basic, Digest where a server asks for it, or a bearer token.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

/// Who is asking.
pub(super) struct Credentials {
    /// The name; none where a token speaks for itself.
    pub(super) user: Option<String>,
    /// The password or the token.
    pub(super) secret: String,
}

/// What the server has asked for so far.
#[derive(Default)]
pub(super) struct Challenge(Mutex<Option<WwwAuthenticateHeader>>);

impl Challenge {
    /// The header for one request; none when it holds characters that no header may have.
    pub(super) fn answer(
        &self,
        credentials: &Credentials,
        method: &Method,
        url: &Url,
    ) -> Option<HeaderValue> {
        let text = match &credentials.user {
            None => format!("Bearer {}", credentials.secret),
            Some(user) => match self.digest(user, &credentials.secret, method, url) {
                Some(answer) => answer,
                None => format!("Basic {}", STANDARD.encode(format!("{user}:{}", credentials.secret))),
            },
        };
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    fn digest(&self, user: &str, password: &str, method: &Method, url: &Url) -> Option<String> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = asked.as_mut()?;
        let path =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let method = HttpMethod::from(method.as_str().to_owned());
        let context = AuthContext::new_with_method(user, password, path, None::<&[u8]>, method);
        asked.respond(&context).ok().map(|answer| answer.to_header_string())
    }

    /// Takes in what a refusal asks for; true when the request is worth repeating, for it asks for a digest that was not
    /// given, or for a newer one.
    pub(super) fn take(&self, headers: &HeaderMap) -> bool {
        let offers: Vec<&str> = headers
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let is_kind = |offer: &str, kind: &str| {
            offer.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind))
        };
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_none() && offers.iter().any(|offer| is_kind(offer, "basic")) {
            return false;
        }
        let digest = offers.into_iter().find(|offer| is_kind(offer, "digest"));
        let Some(digest) = digest.and_then(|offer| digest_auth::parse(offer).ok()) else { return false };
        let is_worth_it = asked.is_none() || digest.stale;
        *asked = Some(digest);
        is_worth_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(challenge: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
        headers
    }

    #[test]
    fn a_digest_is_given_once_it_is_asked_for() {
        let credentials = Credentials { user: Some("Mufasa".into()), secret: "Circle Of Life".into() };
        let url: Url = "https://example.org/dir/index.html".parse().unwrap();
        let challenge = Challenge::default();
        let said = |challenge: &Challenge| {
            challenge.answer(&credentials, &Method::GET, &url).unwrap().to_str().unwrap().to_owned()
        };
        assert!(said(&challenge).starts_with("Basic "));
        assert!(challenge.take(&asking("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256")));
        let digest = said(&challenge);
        assert!(digest.starts_with("Digest ") && digest.contains("uri=\"/dir/index.html\""), "{digest}");
        assert!(!digest.contains("Circle"));
        assert!(
            !challenge.take(&asking("Digest realm=\"r\", nonce=\"m\", qop=\"auth\"")),
            "the password is wrong"
        );
        assert!(challenge.take(&asking("Digest realm=\"r\", nonce=\"o\", qop=\"auth\", stale=true")));
    }

    #[test]
    fn a_server_that_takes_basic_gets_nothing_else() {
        assert!(!Challenge::default().take(&asking("Basic realm=\"r\"")));
    }
}
