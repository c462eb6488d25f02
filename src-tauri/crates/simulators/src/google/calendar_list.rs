//! `calendarList.list`, with paging and sync tokens of its own.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::calendar::{AccessRole, ListEntry};
use super::error::ApiError;
use super::event::etag;
use super::http::query::Query;
use super::paging::{Page, paginate};
use super::scope::{self, Need, Place};
use super::state::{Identity, State};
use super::token::{self, SyncToken};
use crate::chance;
use crate::clock::span;

impl State {
    /// Checks a scope for something that is not about one calendar.
    pub(crate) fn allow(&self, who: &Identity, need: Need) -> Result<(), ApiError> {
        let allowed = scope::allow(&who.scopes, need, Place::default());
        if allowed { Ok(()) } else { Err(ApiError::insufficient_scope()) }
    }

    /// `calendarList.list`.
    pub(crate) fn list_calendars(&self, who: &Identity, query: &Query) -> Result<Value, ApiError> {
        self.allow(who, Need::ListCalendars)?;
        let account = self.accounts.get(&who.email).ok_or_else(ApiError::invalid_credentials)?;
        let fingerprint = chance::number(self.options.seed, &["calendarList", &who.email]);
        let since = self.read_list_token(fingerprint, query)?;
        let page = Page::read(self.options.seed, query, &[&who.email, "calendarList"], 100, 250)?;
        let snapshot = page.continued.as_ref().map_or(self.revision, |from| from.revision);
        let show_deleted = since.is_some() || query.flag("showDeleted")?.unwrap_or(false);
        let show_hidden = since.is_some() || query.flag("showHidden")?.unwrap_or(false);
        let least = least_role(query)?;
        let wanted = |entry: &ListEntry| {
            since.as_ref().is_none_or(|token| entry.revision > token.revision && entry.revision <= snapshot)
                && (show_deleted || entry.removed_at.is_none())
                && (show_hidden || !entry.hidden)
                && entry.role >= least
        };
        let mut lines = account
            .entries
            .iter()
            .filter(|(_, entry)| wanted(entry))
            .map(|(id, entry)| (format!("{:020} {id}", entry.rank), id, entry))
            .collect::<Vec<_>>();
        lines.sort_by(|one, two| one.0.cmp(&two.0));
        let keyed = lines.iter().map(|(key, id, entry)| (key.as_str(), (id, entry))).collect();
        let (lines, next_page) = paginate(&self.options, &page, snapshot, keyed);
        let items = lines
            .iter()
            .map(|(id, entry)| entry.render(id, self.calendars.get(id.as_str())))
            .collect::<Vec<_>>();
        let mut answer = json!({ "kind": "calendar#calendarList", "etag": etag(snapshot), "items": items });
        if let Some(token) = next_page {
            answer["nextPageToken"] = json!(token);
        } else if query.get("minAccessRole").is_none() {
            let token = SyncToken {
                fingerprint,
                revision: snapshot,
                issued: self.now().timestamp_millis(),
                epoch: (self.epoch, 0),
                window: (None, None),
            };
            answer["nextSyncToken"] = json!(token::seal(self.options.seed, &token));
        }
        Ok(answer)
    }

    fn read_list_token(&self, fingerprint: u64, query: &Query) -> Result<Option<SyncToken>, ApiError> {
        let Some(text) = query.get("syncToken") else {
            return Ok(None);
        };
        let hides = |name: &str| Ok::<_, ApiError>(query.flag(name)? == Some(false));
        if query.get("minAccessRole").is_some() || hides("showDeleted")? || hides("showHidden")? {
            return Err(ApiError::bad_request("Sync token cannot be combined with these parameters."));
        }
        let token = token::open::<SyncToken>(self.options.seed, text);
        let token = token
            .filter(|token| token.fingerprint == fingerprint)
            .ok_or_else(ApiError::invalid_sync_token)?;
        let oldest = self.now() - span(self.options.sync_token_lifetime).max(TimeDelta::zero());
        if token.issued < oldest.timestamp_millis() || token.epoch.0 != self.epoch {
            return Err(ApiError::full_sync_required());
        }
        Ok(Some(token))
    }
}

fn least_role(query: &Query) -> Result<AccessRole, ApiError> {
    match query.get("minAccessRole") {
        None | Some("freeBusyReader") => Ok(AccessRole::FreeBusyReader),
        Some("reader") => Ok(AccessRole::Reader),
        Some("writer") => Ok(AccessRole::Writer),
        Some("owner") => Ok(AccessRole::Owner),
        Some(other) => {
            Err(ApiError::bad_parameter("minAccessRole", format!("Invalid string value: '{other}'.")))
        }
    }
}
