//! The calendars of an account, as its homes list them.

use synodic_model::listing::{AccessRole, RemoteCalendar};
use url::Url;

use super::Caldav;
use super::client::Call;
use super::xml::{self, Element, Row, Space};
use crate::error::ProviderError;

/// Asked by name, for a server need not name the properties of CalDAV on its own (RFC 4791 §5.2).
pub(super) const PROPERTIES: [&str; 6] = [
    "D:resourcetype",
    "D:displayname",
    "A:calendar-color",
    "C:calendar-timezone",
    "C:supported-calendar-component-set",
    "D:current-user-privilege-set",
];

const ACTION: &str = "listing the calendars";

impl Caldav {
    /// Every calendar for events in the account's homes. A home that is not where it was is looked for anew once.
    pub(super) async fn list_calendars(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        match self.list_homes().await {
            Err(ProviderError::Refused { status: 301 | 302 | 307 | 308 | 404 | 410, .. }) => {
                self.find_again().await?;
                self.list_homes().await
            }
            listed => listed,
        }
    }

    async fn list_homes(&self) -> Result<Vec<RemoteCalendar>, ProviderError> {
        let account = self.place();
        let mut calendars: Vec<RemoteCalendar> = Vec::new();
        for home in &account.homes {
            let call = Call::ask("PROPFIND", home.clone(), "1", xml::propfind(&PROPERTIES), ACTION);
            let (answer, url) = self.dav.list(call).await?;
            for row in &answer.rows {
                let at = url.join(&row.href).ok().map(|at| within(&url, at));
                let Some(at) = at.filter(|at| self.dav.trusted.check(at).is_ok()) else { continue };
                if let Some(calendar) = calendar(row, &at)
                    && calendars.iter().all(|known| known.id != account.calendar_id(&at))
                {
                    calendars.push(RemoteCalendar { id: account.calendar_id(&at), ..calendar });
                }
            }
        }
        Ok(calendars)
    }
}

/// The address of what a home lists. Of what is within it, whoever lists it is to be asked: behind a proxy servers do not
/// know their own address, and a service that has moved an account may still name the host that it was on.
fn within(home: &Url, at: Url) -> Url {
    let is_within = at.path().starts_with(home.path());
    let here = is_within.then(|| {
        let mut here = home.clone();
        here.set_path(at.path());
        here
    });
    here.unwrap_or(at)
}

/// Reads a row of a home; none when it is no calendar for events.
pub(super) fn calendar(row: &Row, at: &Url) -> Option<RemoteCalendar> {
    let kinds = row.property(Space::Dav, "resourcetype")?;
    let is = |space, local| kinds.child(space, local).is_some();
    let is_other = ["schedule-inbox", "schedule-outbox"].iter().any(|local| is(Space::Caldav, local))
        || ["subscribed", "notification", "deleted-calendar"]
            .iter()
            .any(|local| kinds.children.iter().any(|kind| kind.local.as_ref() == *local));
    if !is(Space::Dav, "collection") || !is(Space::Caldav, "calendar") || is_other || !holds_events(row) {
        return None;
    }
    let name = row.property(Space::Dav, "displayname").map(Element::trimmed).filter(|name| !name.is_empty());
    Some(RemoteCalendar {
        id: synodic_model::RemoteCalendarId::new(at.path()),
        name: name.map_or_else(|| last_segment(at), str::to_owned),
        color: row.property(Space::Apple, "calendar-color").and_then(|color| read_color(color.trimmed())),
        time_zone: row.property(Space::Caldav, "calendar-timezone").and_then(|zone| zone_name(&zone.text)),
        access: access(row),
        primary: false,
        default_reminders: Vec::new(),
    })
}

/// Whether events go in; a server that does not say takes all kinds.
fn holds_events(row: &Row) -> bool {
    let set = row.property(Space::Caldav, "supported-calendar-component-set");
    set.is_none_or(|set| {
        let mut components = set.each(Space::Caldav, "comp").peekable();
        components.peek().is_none()
            || components.any(|component| {
                component.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("VEVENT"))
            })
    })
}

/// What the account may do (RFC 3744 §5.4). A server that does not say is believed to allow it until it refuses.
fn access(row: &Row) -> AccessRole {
    let Some(set) = row.property(Space::Dav, "current-user-privilege-set") else { return AccessRole::Writer };
    let held: Vec<&str> = set
        .each(Space::Dav, "privilege")
        .flat_map(|privilege| privilege.children.iter())
        .map(|privilege| &*privilege.local)
        .collect();
    let has = |name: &str| held.contains(&name);
    if has("all") || has("write") && has("write-acl") {
        AccessRole::Owner
    } else if has("write") || has("write-content") && has("bind") && has("unbind") {
        AccessRole::Writer
    } else if has("read") || !has("read-free-busy") {
        AccessRole::Reader
    } else {
        AccessRole::FreeBusy
    }
}

/// `#rrggbb` of `#RRGGBB` or `#RRGGBBAA`.
fn read_color(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#')?.get(..6)?;
    digits.chars().all(|digit| digit.is_ascii_hexdigit()).then(|| format!("#{}", digits.to_ascii_lowercase()))
}

/// The name of the zone that a calendar's `VTIMEZONE` describes, if it is one that is known.
fn zone_name(text: &str) -> Option<String> {
    let named = text.lines().find_map(|line| line.trim().strip_prefix("TZID:"))?;
    let zone: chrono_tz::Tz = named.trim().parse().ok()?;
    Some(zone.name().to_owned())
}

fn last_segment(url: &Url) -> String {
    super::names::decode(url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(properties: &str) -> Option<RemoteCalendar> {
        let document = format!(
            "<D:multistatus xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:A=\"http://apple.com/ns/ical/\" \
             xmlns:CS=\"http://calendarserver.org/ns/\"><D:response><D:href>/c/work%20a/</D:href><D:propstat><D:prop>{properties}</D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
        );
        let row = xml::multistatus(document.as_bytes()).unwrap().rows.remove(0);
        calendar(&row, &"https://example.org/c/work%20a/".parse().unwrap())
    }

    const CALENDAR: &str = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>";

    #[test]
    fn a_calendar_says_what_it_is_called_and_who_may_write() {
        let bare = read(CALENDAR).unwrap();
        assert_eq!((bare.name.as_str(), bare.access), ("work a", AccessRole::Writer));
        let full = read(&format!(
            "{CALENDAR}<D:displayname>Work</D:displayname><A:calendar-color>#FF8800FF</A:calendar-color>\
             <D:current-user-privilege-set><D:privilege><D:read/></D:privilege></D:current-user-privilege-set>\
             <C:calendar-timezone>BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n</C:calendar-timezone>"
        ))
        .unwrap();
        assert_eq!((full.name.as_str(), full.color.as_deref()), ("Work", Some("#ff8800")));
        assert_eq!((full.access, full.time_zone.as_deref()), (AccessRole::Reader, Some("Europe/Berlin")));
    }

    #[test]
    fn what_holds_no_events_of_the_persons_own_is_no_calendar() {
        assert!(read("<D:resourcetype><D:collection/></D:resourcetype>").is_none());
        assert!(
            read("<D:resourcetype><D:collection/><C:calendar/><C:schedule-inbox/></D:resourcetype>")
                .is_none()
        );
        assert!(
            read("<D:resourcetype><D:collection/><C:calendar/><CS:subscribed/></D:resourcetype>").is_none()
        );
        let tasks = "<C:supported-calendar-component-set><C:comp name=\"VTODO\"/></C:supported-calendar-component-set>";
        assert!(read(&format!("{CALENDAR}{tasks}")).is_none());
        assert!(read(&format!("{CALENDAR}{}", tasks.replace("VTODO", "VEVENT"))).is_some());
    }
}
