//! The outbox: every mail that the real service would have sent to guests. Nothing ever leaves the simulator.

use serde_json::{Value, json};

use super::event::content::Content;
use super::event::time::utc_millis;
use super::event::{Event, same_address};
use super::state::State;

/// Whom a writer wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SendUpdates {
    /// All guests.
    All,
    /// Guests without an account here.
    ExternalOnly,
    /// Nobody, which is also meant by silence.
    #[default]
    None,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mail {
    Invitation,
    Update,
    Cancellation,
}

impl Mail {
    fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Update => "update",
            Self::Cancellation => "cancellation",
        }
    }
}

impl State {
    /// Notes the mail that a write causes. Guests that were taken off the list are told as well; a guest's own answer
    /// goes to the organizer.
    pub(crate) fn mail(
        &mut self,
        kind: Mail,
        calendar: &str,
        event: &Event,
        before: Option<&Event>,
        send: SendUpdates,
    ) {
        if send == SendUpdates::None {
            return;
        }
        let guests = |content: &Content| content.attendees().to_vec();
        let mut people = guests(&event.content);
        people.extend(before.map(|before| guests(&before.content)).unwrap_or_default());
        if !event.organized_by(calendar) {
            people = vec![event.organizer.clone()];
        }
        let mut to = people
            .iter()
            .filter(|person| person["resource"] != true && !same_address(person, calendar))
            .filter_map(|person| person["email"].as_str())
            .filter(|email| send == SendUpdates::All || !self.accounts.contains_key(*email))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        to.sort();
        to.dedup();
        if to.is_empty() {
            return;
        }
        let summary = event.content.fields.get("summary").cloned().unwrap_or(Value::Null);
        self.outbox.push(json!({
            "kind": if event.organized_by(calendar) { kind.name() } else { "reply" },
            "calendarId": calendar,
            "eventId": event.id,
            "summary": summary,
            "to": to,
            "at": utc_millis(self.now()),
        }));
    }
}
