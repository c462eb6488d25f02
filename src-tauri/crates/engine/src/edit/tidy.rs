//! Brings what a person entered into the one form that means it.

use std::collections::BTreeMap;

use serde_json::Value;
use synodic_model::{EventContent, Reminders};

/// Orders lists, lowers addresses, and turns empty values into absent ones, so that two contents that mean the same
/// are equal. What a service says beyond our model is nothing that a person enters, so it is taken from `extras`.
pub(super) fn tidy(mut content: EventContent, extras: &BTreeMap<String, Value>) -> EventContent {
    content.extras.clone_from(extras);
    for attendee in &mut content.attendees {
        attendee.email = attendee.email.trim().to_lowercase();
    }
    content.attendees.sort_by(|left, right| left.email.cmp(&right.email));
    content.attendees.dedup_by(|left, right| left.email == right.email);
    if let Some(organizer) = &mut content.organizer {
        organizer.email = organizer.email.trim().to_lowercase();
    }
    if let Reminders::Custom { reminders } = &mut content.reminders {
        reminders.sort_unstable();
        reminders.dedup();
    }
    content.url = content.url.filter(|url| !url.trim().is_empty());
    content.conference_url = content.conference_url.filter(|url| !url.trim().is_empty());
    content.recurrence = content.recurrence.filter(|recurrence| {
        !recurrence.rules.is_empty() || !recurrence.dates.is_empty() || !recurrence.unread.is_empty()
    });
    content
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use synodic_model::{Attendee, Recurrence, Reminder, ReminderMethod, ResponseStatus, When};

    use super::*;

    fn content() -> EventContent {
        let start = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
        EventContent::new("", When::AllDay { start, end: start.succ_opt().unwrap() })
    }

    fn attendee(email: &str) -> Attendee {
        Attendee {
            email: email.into(),
            name: String::new(),
            optional: false,
            resource: false,
            response: ResponseStatus::NeedsAction,
            is_self: false,
        }
    }

    #[test]
    fn lists_have_one_order_and_no_doubles() {
        let reminder = |minutes_before| Reminder { minutes_before, method: ReminderMethod::Popup };
        let entered = EventContent {
            attendees: vec![
                attendee(" Bea@Example.com"),
                attendee("ada@example.com"),
                attendee("bea@example.com"),
            ],
            reminders: Reminders::Custom { reminders: vec![reminder(30), reminder(5), reminder(30)] },
            ..content()
        };
        let tidied = tidy(entered, &BTreeMap::new());
        let addresses: Vec<_> = tidied.attendees.iter().map(|attendee| attendee.email.as_str()).collect();
        assert_eq!(addresses, ["ada@example.com", "bea@example.com"]);
        assert_eq!(tidied.reminders, Reminders::Custom { reminders: vec![reminder(5), reminder(30)] });
    }

    #[test]
    fn nothing_entered_is_nothing_stored() {
        let entered = EventContent {
            url: Some(" ".into()),
            conference_url: Some(String::new()),
            recurrence: Some(Recurrence::default()),
            extras: BTreeMap::from([("google".into(), Value::Bool(true))]),
            ..content()
        };
        assert_eq!(tidy(entered, &BTreeMap::new()), content());
    }
}
