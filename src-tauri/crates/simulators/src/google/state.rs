//! The whole state of one simulated Google, behind one lock.
//!
//! Everything that happens to it is a short function without waiting: an HTTP handler takes the lock, calls one of them
//! and lets go. What a change causes elsewhere (push messages) is spawned from here and runs on its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use super::calendar::{AccessRole, Calendar, Lag, ListEntry, default_reminders};
use super::control::NewCalendar;
use super::error::ApiError;
use super::event::Event;
use super::oauth::Grants;
use super::options::{GoogleOptions, Quota};
use super::push::{Channel, Courier, Resource};
use super::quota::Buckets;
use super::scope::{self, Need, Place};
use crate::chance;
use crate::clock::span;

/// Who sends a request: the account and the scopes of its access token.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) email: String,
    pub(crate) scopes: std::collections::BTreeSet<String>,
}

/// One person's account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    /// Whether it belongs to an organisation, which may make special kinds of events.
    pub(crate) workspace: bool,
    /// The calendars in the account's list, by id.
    pub(crate) entries: BTreeMap<String, ListEntry>,
}

/// The whole state of one simulated Google.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: Arc<GoogleOptions>,
    pub(crate) quota: Option<Quota>,
    pub(crate) buckets: Buckets,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) grants: Grants,
    pub(crate) channels: BTreeMap<String, Channel>,
    /// Carries push messages over HTTP; made when it is first needed.
    pub(crate) http_courier: Option<Arc<dyn Courier>>,
    pub(crate) outbox: Vec<Value>,
    /// Counts up when all sync tokens are made invalid.
    pub(crate) epoch: u64,
    /// The number of the last change anywhere.
    pub(crate) revision: u64,
    /// How many things were given a place in an order so far.
    ranked: u64,
    random: StdRng,
}

impl State {
    pub(crate) fn new(options: Arc<GoogleOptions>) -> Self {
        Self {
            quota: options.quota,
            random: StdRng::seed_from_u64(options.seed),
            options,
            buckets: Buckets::default(),
            accounts: BTreeMap::new(),
            calendars: BTreeMap::new(),
            grants: Grants::default(),
            channels: BTreeMap::new(),
            http_courier: None,
            outbox: Vec::new(),
            epoch: 0,
            revision: 1,
            ranked: 0,
        }
    }

    /// The time, in the precision in which it is shown.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.options.clock.now().trunc_subsecs(3)
    }

    /// Forgets what is too old to be seen. Called whenever the lock is taken.
    pub(crate) fn forget_the_old(&mut self) {
        let now = self.now();
        let horizon = now - span(self.options.tombstone_lifetime);
        for calendar in self.calendars.values_mut() {
            calendar.forget(horizon);
        }
        self.channels.retain(|_, channel| channel.expires > now);
    }

    /// Makes up a string of `length` characters from an alphabet.
    pub(crate) fn random_text(&mut self, alphabet: &[u8], length: usize) -> String {
        let letter = |random: &mut StdRng| {
            alphabet.get(random.random_range(0..alphabet.len())).map_or('0', |byte| char::from(*byte))
        };
        (0..length).map(|_| letter(&mut self.random)).collect()
    }

    /// Makes up an event id: 26 characters of base32hex.
    pub(crate) fn random_event_id(&mut self) -> String {
        self.random_text(b"0123456789abcdefghijklmnopqrstuv", 26)
    }

    /// Makes up a secret with a beginning that tells what it is.
    pub(crate) fn random_secret(&mut self, prefix: &str, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        format!("{prefix}{}", self.random_text(ALPHABET, length))
    }

    /// Gives something its place in listings without an order: fixed, but not the order of creation.
    pub(crate) fn next_rank(&mut self) -> u64 {
        self.ranked += 1;
        chance::number(self.options.seed, &["rank", &self.ranked.to_string()])
    }

    pub(crate) fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    pub(crate) fn add_account(&mut self, email: &str, name: &str) {
        if self.accounts.contains_key(email) {
            return;
        }
        let account = Account { name: name.to_owned(), workspace: false, entries: BTreeMap::new() };
        self.accounts.insert(email.to_owned(), account);
        let primary = NewCalendar { summary: email.to_owned(), primary: true, ..NewCalendar::default() };
        self.put_calendar(email, email.to_owned(), &primary, false);
    }

    /// Adds a calendar to an account, or renames its primary one.
    pub(crate) fn add_calendar(
        &mut self,
        email: &str,
        new: &NewCalendar,
        by_app: bool,
    ) -> Result<String, ApiError> {
        if !self.accounts.contains_key(email) {
            return Err(ApiError::not_found());
        }
        let id = match &new.id {
            _ if new.primary => email.to_owned(),
            Some(id) => id.clone(),
            None => {
                let random = self.random_text(b"0123456789abcdef", 64);
                format!("c_{random}@group.calendar.google.com")
            }
        };
        self.put_calendar(email, id.clone(), new, by_app);
        self.notify(&Resource::CalendarList(email.to_owned()), "exists");
        Ok(id)
    }

    fn put_calendar(&mut self, email: &str, id: String, new: &NewCalendar, created_by_app: bool) {
        let (revision, rank, updated) = (self.next_revision(), self.next_rank(), self.now());
        let time_zone = new.time_zone.unwrap_or(self.options.time_zone);
        let owned = new.access_role == AccessRole::Owner;
        let known = self.calendars.remove(&id);
        let calendar = Calendar {
            id: id.clone(),
            summary: new.summary.clone(),
            description: new.description.clone(),
            location: None,
            time_zone,
            data_owner: (owned && !new.primary).then(|| email.to_owned()),
            created_by_app,
            events: known.as_ref().map(|known| known.events.clone()).unwrap_or_default(),
            revision,
            updated,
            lag: known.as_ref().map(|known| known.lag.clone()).unwrap_or_default(),
            forgotten: known.as_ref().map_or(0, |known| known.forgotten),
            epoch: known.map_or(0, |known| known.epoch),
        };
        self.calendars.insert(id.clone(), calendar);
        if let Some(account) = self.accounts.get_mut(email) {
            let entry = ListEntry {
                role: if new.primary { AccessRole::Owner } else { new.access_role },
                primary: new.primary,
                hidden: false,
                selected: true,
                default_reminders: default_reminders(new.primary),
                color_id: new.color_id.clone().unwrap_or_else(|| "16".to_owned()),
                summary_override: None,
                revision,
                rank,
                removed_at: None,
            };
            account.entries.insert(id, entry);
        }
    }

    /// Gives an account a role on a calendar, or takes its access away. All sync tokens of the calendar end with it.
    pub(crate) fn set_access(
        &mut self,
        calendar: &str,
        email: &str,
        role: Option<AccessRole>,
    ) -> Result<(), ApiError> {
        let (revision, rank, now) = (self.next_revision(), self.next_rank(), self.now());
        let place = self.calendars.get_mut(calendar).ok_or_else(ApiError::not_found)?;
        place.epoch += 1;
        let account = self.accounts.get_mut(email).ok_or_else(ApiError::not_found)?;
        let entry = account.entries.entry(calendar.to_owned()).or_insert(ListEntry {
            role: AccessRole::Reader,
            primary: false,
            hidden: false,
            selected: true,
            default_reminders: default_reminders(false),
            color_id: "16".to_owned(),
            summary_override: None,
            revision,
            rank,
            removed_at: None,
        });
        // A role is a read-only field: only coming and going makes an entry in incremental listings.
        if entry.removed_at.is_some() != role.is_none() {
            entry.revision = revision;
        }
        entry.removed_at = if role.is_none() { Some(now) } else { None };
        entry.role = role.unwrap_or(entry.role);
        self.notify(&Resource::CalendarList(email.to_owned()), "exists");
        Ok(())
    }

    /// Deletes a calendar from the lists of all accounts.
    pub(crate) fn delete_calendar(&mut self, id: &str) -> Result<(), ApiError> {
        self.calendars.remove(id).ok_or_else(ApiError::not_found)?;
        let (revision, now) = (self.next_revision(), self.now());
        let mut told = Vec::new();
        for (email, account) in &mut self.accounts {
            if let Some(entry) = account.entries.get_mut(id) {
                entry.revision = revision;
                entry.removed_at = Some(now);
                told.push(email.clone());
            }
        }
        for email in told {
            self.notify(&Resource::CalendarList(email), "exists");
        }
        self.notify(&Resource::Events(id.to_owned()), "not_exists");
        Ok(())
    }

    /// Opens a calendar for a request: resolves `primary`, checks the scopes, and finds the role of the account.
    pub(crate) fn open(
        &self,
        who: &Identity,
        id: &str,
        need: Need,
    ) -> Result<(&Calendar, AccessRole), ApiError> {
        let id = if id == "primary" { who.email.as_str() } else { id };
        let entry = self
            .accounts
            .get(&who.email)
            .and_then(|account| account.entries.get(id))
            .filter(|entry| entry.removed_at.is_none());
        let found = entry.and_then(|entry| Some((self.calendars.get(id)?, entry.role)));
        let place = found.map_or_else(Place::default, |(calendar, role)| Place {
            owned: role == AccessRole::Owner,
            created_by_app: calendar.created_by_app,
        });
        if !scope::allow(&who.scopes, need, place) {
            return Err(ApiError::insufficient_scope());
        }
        found.ok_or_else(ApiError::not_found)
    }

    /// Puts a changed event into its calendar: it gets the next revision, and whoever watches is told.
    pub(crate) fn store(&mut self, calendar: &str, mut event: Event) -> Event {
        let (revision, now) = (self.next_revision(), self.now());
        let until = now + self.lag(revision);
        event.revision = revision;
        if let Some(place) = self.calendars.get_mut(calendar) {
            place.revision = revision;
            place.updated = now;
            place.lag.note(revision, until, now);
            place.events.insert(event.id.clone(), event.clone());
        }
        self.notify(&Resource::Events(calendar.to_owned()), "exists");
        event
    }

    fn lag(&self, revision: u64) -> chrono::TimeDelta {
        let longest = u64::try_from(self.options.visibility_lag.as_millis()).unwrap_or(u64::MAX);
        let share = chance::number(self.options.seed, &["lag", &revision.to_string()]);
        let millis = if longest == 0 { 0 } else { share % longest.saturating_add(1) };
        span(std::time::Duration::from_millis(millis))
    }

    /// The revision up to which incremental listings of a calendar go at this moment.
    pub(crate) fn visible_revision(&self, lag: &Lag) -> u64 {
        lag.visible(self.revision, self.now())
    }
}
