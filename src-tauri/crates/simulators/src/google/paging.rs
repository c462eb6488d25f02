//! Cutting listings into pages.

use super::error::ApiError;
use super::http::query::Query;
use super::options::GoogleOptions;
use super::token::{self, PageToken};

/// The page a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    fingerprint: u64,
    size: usize,
    /// Where the page before ended, unless this is the first.
    pub(crate) continued: Option<PageToken>,
}

impl Page {
    /// Reads `maxResults` and `pageToken`. `whose` names the listing, so that a token of another is recognised.
    pub(crate) fn read(
        seed: u64,
        query: &Query,
        whose: &[&str],
        default: usize,
        most: usize,
    ) -> Result<Self, ApiError> {
        let size = match query.number("maxResults")? {
            Some(0) => {
                let message = "Invalid value '0'. Values must be within the range: [1, 2147483647]";
                return Err(ApiError::bad_parameter("maxResults", message));
            }
            Some(size) => size.min(most),
            None => default,
        };
        let fingerprint = query.fingerprint(seed, whose);
        let continued = match query.get("pageToken") {
            None => None,
            Some(text) => {
                let token =
                    token::open::<PageToken>(seed, text).filter(|token| token.fingerprint == fingerprint);
                let invalid = || ApiError::invalid("Invalid page token value.").at("parameter", "pageToken");
                Some(token.ok_or_else(invalid)?)
            }
        };
        Ok(Self { fingerprint, size, continued })
    }
}

/// Picks the items of a page out of all items, which are sorted by their keys. Returns them with the token of the next
/// page, if anything is left for it.
pub(crate) fn paginate<T>(
    options: &GoogleOptions,
    page: &Page,
    snapshot: u64,
    items: Vec<(&str, T)>,
) -> (Vec<T>, Option<String>) {
    let number = page.continued.as_ref().map_or(0, |token| token.page);
    let after = page.continued.as_ref().map_or("", |token| token.after.as_str());
    let mut size = page.size.min(options.page_size_cap.unwrap_or(usize::MAX)).max(1);
    if options.ragged_pages {
        // Whole, empty, half, whole, empty, half …
        size = match number % 3 {
            0 => size,
            1 => 0,
            _ => size.div_ceil(2),
        };
    }
    let mut rest = items.into_iter().filter(|(key, _)| *key > after).peekable();
    let mut last = after.to_owned();
    let mut picked = Vec::new();
    while picked.len() < size
        && let Some((key, item)) = rest.next()
    {
        key.clone_into(&mut last);
        picked.push(item);
    }
    let token = rest.peek().is_some().then(|| {
        let next =
            PageToken { fingerprint: page.fingerprint, revision: snapshot, after: last, page: number + 1 };
        token::seal(options.seed, &next)
    });
    (picked, token)
}
