//! OAuth scopes: which of them allow what.

use std::collections::BTreeSet;

/// The common beginning of all scopes.
pub(crate) const PREFIX: &str = "https://www.googleapis.com/auth/";

/// The scope that allows everything.
pub(crate) const EVERYTHING: &str = "https://www.googleapis.com/auth/calendar";

/// What a request wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    ListCalendars,
    ReadListEntry,
    ReadCalendar,
    CreateCalendar,
    ChangeCalendar,
    DeleteCalendar,
    ChangeListEntry,
    ReadEvents,
    WriteEvents,
    MoveEvents,
    FreeBusy,
    ReadColors,
    ReadSettings,
    StopChannel,
}

/// What is known about the calendar in question.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Whether the account owns it.
    pub(crate) owned: bool,
    /// Whether a client created it over the API.
    pub(crate) created_by_app: bool,
}

/// Says whether one of the granted scopes allows what a request wants.
pub(crate) fn allow(granted: &BTreeSet<String>, need: Need, place: Place) -> bool {
    granted.iter().filter_map(|scope| scope.strip_prefix(PREFIX)).any(|scope| allows(scope, need, place))
}

fn allows(scope: &str, need: Need, place: Place) -> bool {
    use Need::{
        ChangeCalendar, ChangeListEntry, CreateCalendar, DeleteCalendar, FreeBusy, ListCalendars, MoveEvents,
        ReadCalendar, ReadColors, ReadEvents, ReadListEntry, ReadSettings, StopChannel, WriteEvents,
    };
    match scope {
        "calendar" => true,
        "calendar.readonly" => !matches!(
            need,
            CreateCalendar | ChangeCalendar | DeleteCalendar | ChangeListEntry | WriteEvents | MoveEvents
        ),
        "calendar.events" => matches!(need, ReadEvents | WriteEvents | MoveEvents | StopChannel),
        "calendar.events.readonly" => matches!(need, ReadEvents | StopChannel),
        "calendar.events.owned" => {
            place.owned && matches!(need, ReadEvents | WriteEvents | MoveEvents) || need == StopChannel
        }
        "calendar.events.owned.readonly" => place.owned && need == ReadEvents || need == StopChannel,
        "calendar.calendarlist" if need == ChangeListEntry => true,
        "calendar.calendarlist" | "calendar.calendarlist.readonly" => {
            matches!(need, ListCalendars | ReadListEntry | ReadColors | StopChannel)
        }
        "calendar.calendars" => {
            matches!(need, ReadCalendar | CreateCalendar | ChangeCalendar | DeleteCalendar)
        }
        "calendar.calendars.readonly" => need == ReadCalendar,
        "calendar.app.created" => match need {
            CreateCalendar | ReadListEntry | StopChannel => true,
            ReadCalendar | ChangeCalendar | DeleteCalendar | ReadEvents | WriteEvents => place.created_by_app,
            ListCalendars | ChangeListEntry | MoveEvents | FreeBusy | ReadColors | ReadSettings => false,
        },
        "calendar.freebusy" | "calendar.events.freebusy" => need == FreeBusy,
        "calendar.settings" | "calendar.settings.readonly" => need == ReadSettings,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_its_name_says() {
        let granted = |name: &str| BTreeSet::from([format!("{PREFIX}{name}")]);
        let (anywhere, own) = (Place::default(), Place { owned: true, created_by_app: true });
        assert!(allow(&granted("calendar"), Need::MoveEvents, anywhere));
        assert!(allow(&granted("calendar.events"), Need::WriteEvents, anywhere));
        assert!(!allow(&granted("calendar.events"), Need::ReadColors, anywhere));
        assert!(!allow(&granted("calendar.events"), Need::ListCalendars, anywhere));
        assert!(!allow(&granted("calendar.readonly"), Need::WriteEvents, own));
        assert!(!allow(&granted("calendar.events.owned"), Need::WriteEvents, anywhere));
        assert!(allow(&granted("calendar.app.created"), Need::WriteEvents, own));
        assert!(!allow(&granted("calendar.app.created"), Need::WriteEvents, anywhere));
        assert!(!allow(&granted("calendar.app.created"), Need::ListCalendars, own));
    }
}
