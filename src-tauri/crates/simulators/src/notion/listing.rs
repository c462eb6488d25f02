//! Cutting listings into pages.
//!
//! A cursor counts positions. When things come and go between two pages, what follows moves, so one is skipped or comes
//! twice: nothing in the documentation promises otherwise, and clients must not rely on it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ApiError;
use super::options::NotionOptions;
use crate::{chance, seal};

/// How long a page may be, and is unless the client says otherwise.
const MOST: usize = 100;

/// What a cursor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// The listing it continues.
    #[serde(rename = "f")]
    fingerprint: u64,
    /// How much of it was given.
    #[serde(rename = "o")]
    offset: usize,
    /// How many pages came before.
    #[serde(rename = "n")]
    page: u64,
}

/// The page a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    fingerprint: u64,
    size: usize,
    continued: Option<Cursor>,
}

impl Listing {
    /// Reads the two parameters. `whose` names the listing, so that a cursor of another is recognised.
    pub(crate) fn read(
        seed: u64,
        whose: &[&str],
        size: Option<&Value>,
        cursor: Option<&Value>,
    ) -> Result<Self, ApiError> {
        let size = match size {
            None | Some(Value::Null) => MOST,
            Some(value) => {
                let place = "body.page_size";
                let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
                let size = number.and_then(|number| usize::try_from(number).ok());
                let size = size.ok_or_else(|| ApiError::body(place, "a number", value))?;
                if size > MOST {
                    return Err(ApiError::body(place, "≤ `100`", value));
                }
                if size == 0 {
                    return Err(ApiError::body(place, "≥ `1`", value));
                }
                size
            }
        };
        let fingerprint = chance::number(seed, whose);
        let continued = match cursor {
            None | Some(Value::Null) => None,
            Some(value) => {
                let known = value.as_str().and_then(|text| seal::open::<Cursor>(seed, text));
                let known = known.filter(|cursor| cursor.fingerprint == fingerprint);
                let invalid =
                    || ApiError::validation(format!("The start_cursor provided is invalid: {value}"));
                Some(known.ok_or_else(invalid)?)
            }
        };
        Ok(Self { fingerprint, size, continued })
    }
}

/// One page of a listing.
#[derive(Debug)]
pub(crate) struct Cut<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// Picks the items of a page out of all.
pub(crate) fn cut<T>(options: &NotionOptions, listing: &Listing, all: Vec<T>) -> Cut<T> {
    let (offset, number) = listing.continued.map_or((0, 0), |cursor| (cursor.offset, cursor.page));
    let question = ["short", &listing.fingerprint.to_string(), &number.to_string()];
    let short = options.ragged_pages && chance::happens(options.seed, 0.5, &question);
    let size = if short { listing.size.div_ceil(2) } else { listing.size };
    let total = all.len();
    let items = all.into_iter().skip(offset).take(size).collect::<Vec<_>>();
    let reached = offset + items.len();
    let next = (reached < total).then(|| {
        let cursor = Cursor { fingerprint: listing.fingerprint, offset: reached, page: number + 1 };
        seal::seal(options.seed, &cursor)
    });
    Cut { items, next }
}

impl<T> Cut<T> {
    /// The list object.
    pub(crate) fn render(self, kind: &str, render: impl FnMut(T) -> Value) -> Value {
        let mut list = json!({
            "object": "list",
            "type": kind,
            "results": self.items.into_iter().map(render).collect::<Value>(),
            "has_more": self.next.is_some(),
            "next_cursor": self.next,
        });
        list[kind] = json!({});
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]
    fn read(size: Value, cursor: Value) -> Result<Listing, ApiError> {
        Listing::read(1, &["x"], Some(&size), Some(&cursor))
    }

    #[test]
    fn a_listing_is_cut_into_pages() {
        let options = NotionOptions { seed: 1, ..NotionOptions::default() };
        let mut cursor = Value::Null;
        let mut seen = Vec::new();
        loop {
            let page = cut(&options, &read(json!(4), cursor).unwrap(), (0..10).collect::<Vec<_>>());
            seen.push(page.items.len());
            match page.next {
                Some(next) => cursor = json!(next),
                None => break,
            }
        }
        assert_eq!(seen, [4, 4, 2]);
    }

    #[test]
    fn a_page_may_be_short_although_more_follow() {
        let options = NotionOptions { seed: 1, ragged_pages: true, ..NotionOptions::default() };
        let mut cursor = Value::Null;
        let (mut seen, mut short) = (0, 0);
        loop {
            let page = cut(&options, &read(json!(4), cursor).unwrap(), (0..40).collect::<Vec<_>>());
            seen += page.items.len();
            short += usize::from(page.items.len() < 4);
            match page.next {
                Some(next) => cursor = json!(next),
                None => break,
            }
        }
        assert_eq!(seen, 40);
        assert!(short > 1);
    }

    #[test]
    fn sizes_and_cursors_are_checked() {
        assert!(
            read(json!(101), Value::Null).unwrap_err().to_string().contains("≤ `100`, instead was `101`")
        );
        assert!(read(json!(0), Value::Null).is_err());
        assert!(read(json!("25"), Value::Null).is_ok(), "from the query string");
        assert!(read(json!(10), json!("made-up")).is_err());
        let other = seal::seal(1, &Cursor { fingerprint: 5, offset: 1, page: 1 });
        assert!(read(json!(10), json!(other)).is_err(), "of another listing");
    }
}
