//! What follows when the list of an account's calendars changes.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use synodic_model::listing::{AccessRole, ListUpdate, ListedCalendar, Listing, RemoteCalendar, take_listing};
use synodic_model::sync::{Calendar, Link, SyncDirection};
use synodic_model::{CalendarId, IntegrationId, LinkId, RemoteCalendarId};
use uuid::Uuid;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// What the replica holds of one account.
#[derive(Clone, Debug, Default, PartialEq)]
struct Replica {
    known: Vec<ListedCalendar>,
    links: Vec<Link>,
    calendars: Vec<Calendar>,
}

fn account() -> IntegrationId {
    IntegrationId::new(Uuid::from_u128(1))
}

impl Replica {
    /// With one local calendar, linked to the remote one of the same name.
    fn linked(name: &str, direction: SyncDirection) -> Self {
        let mut replica = Self::default();
        replica.link(name, direction);
        replica.take(vec![remote(name, AccessRole::Owner)], NOW);
        replica
    }

    fn link(&mut self, name: &str, direction: SyncDirection) {
        let number = u128::try_from(self.links.len()).unwrap() + 10;
        let calendar = Calendar {
            id: CalendarId::new(Uuid::from_u128(number)),
            name: name.to_owned(),
            color: "#000001".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            visible: true,
            position: 0,
            default_reminders: Vec::new(),
        };
        let link = serde_json::from_value(serde_json::json!({
            "id": LinkId::new(Uuid::from_u128(number)),
            "calendar_id": calendar.id,
            "integration_id": account(),
            "remote_calendar_id": name,
            "remote_name": name,
            "direction": direction,
            "settings": null,
            "cursor": "c",
            "generation": 1,
            "webhook": null,
            "last_pulled_at": null,
        }));
        self.links.push(link.unwrap());
        self.calendars.push(calendar);
    }

    /// Takes a list in as the store would.
    fn take(&mut self, listed: Vec<RemoteCalendar>, now: DateTime<Utc>) -> ListUpdate {
        let refused = self.links.iter().map(|link| link.id).collect();
        let update = take_listing(&Listing {
            integration_id: account(),
            refused: &refused,
            known: &self.known,
            listed,
            links: &self.links,
            calendars: &self.calendars,
            now,
        });
        for row in &update.rows {
            self.known.retain(|known| known.calendar.id != row.calendar.id);
            self.known.push(row.clone());
        }
        self.known.retain(|known| !update.forgotten.contains(&known.calendar.id));
        for link in &update.links {
            self.links.retain(|known| known.id != link.id);
            self.links.push(link.clone());
        }
        for calendar in &update.calendars {
            self.calendars.retain(|known| known.id != calendar.id);
            self.calendars.push(calendar.clone());
        }
        update
    }
}

fn remote(id: &str, access: AccessRole) -> RemoteCalendar {
    RemoteCalendar {
        id: RemoteCalendarId::new(id),
        name: id.to_owned(),
        color: Some("#000001".to_owned()),
        time_zone: Some("Europe/Berlin".to_owned()),
        access,
        primary: false,
        default_reminders: Vec::new(),
    }
}

#[test]
fn what_appears_later_is_new_until_it_is_linked() {
    let mut replica = Replica::default();
    replica.take(vec![remote("a", AccessRole::Owner)], NOW);
    assert!(!replica.known[0].is_new, "the first list is what the person chooses from");
    let update = replica.take(vec![remote("a", AccessRole::Owner), remote("b", AccessRole::Reader)], NOW);
    assert_eq!(update.rows.len(), 1);
    assert!(update.rows[0].is_new);
    replica.link("b", SyncDirection::PullOnly);
    let update = replica.take(vec![remote("a", AccessRole::Owner), remote("b", AccessRole::Reader)], NOW);
    assert!(!update.rows[0].is_new);
}

#[test]
fn a_name_and_a_colour_follow_until_the_person_chooses_others() {
    let mut replica = Replica::linked("Team", SyncDirection::Bidirectional);
    let renamed = RemoteCalendar {
        name: "The team".into(),
        color: Some("#000002".into()),
        ..remote("Team", AccessRole::Owner)
    };
    replica.take(vec![renamed.clone()], NOW);
    let calendar = &replica.calendars[0];
    assert_eq!((calendar.name.as_str(), calendar.color.as_str()), ("The team", "#000002"));
    assert_eq!(replica.links[0].remote_name, "The team");

    replica.calendars[0].name = "Mine".into();
    replica.calendars[0].color = "#00000a".into();
    let again = RemoteCalendar { name: "Squad".into(), color: Some("#000003".into()), ..renamed };
    replica.take(vec![again], NOW);
    let calendar = &replica.calendars[0];
    assert_eq!((calendar.name.as_str(), calendar.color.as_str()), ("Mine", "#00000a"));
    assert_eq!(replica.links[0].remote_name, "Squad", "the remote is called by its own name all the same");
}

#[test]
fn what_may_only_be_read_is_only_read_until_it_may_be_written_again() {
    let mut replica = Replica::linked("Team", SyncDirection::Bidirectional);
    let link = replica.links[0].id;
    let update = replica.take(vec![remote("Team", AccessRole::Reader)], NOW);
    assert_eq!(replica.links[0].direction, SyncDirection::PullOnly);
    assert_eq!((update.closed, update.reopened), (vec![link], vec![]));
    assert!(replica.take(vec![remote("Team", AccessRole::FreeBusy)], NOW).closed.is_empty());
    let update = replica.take(vec![remote("Team", AccessRole::Writer)], NOW);
    assert_eq!(replica.links[0].direction, SyncDirection::Bidirectional);
    assert_eq!((update.closed, update.reopened), (vec![], vec![link]));
}

#[test]
fn what_the_person_only_reads_stays_so() {
    let mut replica = Replica::linked("Team", SyncDirection::PullOnly);
    replica.take(vec![remote("Team", AccessRole::Reader)], NOW);
    replica.take(vec![remote("Team", AccessRole::Owner)], NOW);
    assert_eq!(replica.links[0].direction, SyncDirection::PullOnly);
}

#[test]
fn a_link_that_only_sends_rests_where_nothing_may_be_sent() {
    let mut replica = Replica::linked("Team", SyncDirection::PushOnly);
    let link = replica.links[0].id;
    assert_eq!(replica.take(vec![remote("Team", AccessRole::Reader)], NOW).closed, [link]);
    assert_eq!(replica.links[0].direction, SyncDirection::PushOnly, "nothing is read instead");
    assert_eq!(replica.known[0].resting_since, Some(NOW));
    assert_eq!(replica.take(vec![remote("Team", AccessRole::Writer)], NOW).reopened, [link]);
    assert_eq!(replica.known[0].resting_since, None);
}

#[test]
fn what_is_not_listed_rests_and_comes_back_as_it_was() {
    let mut replica = Replica::linked("Team", SyncDirection::Bidirectional);
    let before = replica.clone();
    let update = replica.take(Vec::new(), NOW);
    assert_eq!(update.closed, [before.links[0].id]);
    assert_eq!((&replica.links, &replica.calendars), (&before.links, &before.calendars));
    assert_eq!(replica.known[0].resting_since, Some(NOW));
    assert!(replica.take(Vec::new(), NOW + TimeDelta::days(1)).is_empty(), "since the first time");
    let update = replica.take(vec![remote("Team", AccessRole::Owner)], NOW);
    assert_eq!(update.reopened, [before.links[0].id]);
    assert_eq!(replica, before);
}

#[test]
fn a_link_from_before_there_were_lists_is_not_forgotten() {
    let mut replica = Replica::default();
    replica.link("Team", SyncDirection::Bidirectional);
    let update = replica.take(Vec::new(), NOW);
    assert_eq!(update.closed, [replica.links[0].id]);
    assert_eq!(replica.take(vec![remote("Team", AccessRole::Owner)], NOW).reopened, [replica.links[0].id]);
}

#[test]
fn what_is_left_out_of_a_list_and_can_be_read_goes_on() {
    let mut replica = Replica::linked("Team", SyncDirection::Bidirectional);
    replica.link("Other", SyncDirection::Bidirectional);
    let update = take_listing(&Listing {
        integration_id: account(),
        known: &replica.known,
        listed: Vec::new(),
        links: &replica.links,
        refused: &[replica.links[1].id].into(),
        calendars: &replica.calendars,
        now: NOW,
    });
    assert_eq!(update.closed, [replica.links[1].id]);
}

fn remotes() -> impl Strategy<Value = Vec<RemoteCalendar>> {
    let access =
        select(vec![AccessRole::FreeBusy, AccessRole::Reader, AccessRole::Writer, AccessRole::Owner]);
    vec(
        (select(vec!["a", "b", "c"]), access, select(vec!["x", "y"]), select(vec!["#000001", "#000002"])),
        0..4,
    )
    .prop_map(|some| {
        let mut listed: Vec<_> = some
            .into_iter()
            .map(|(id, access, name, color)| RemoteCalendar {
                name: name.to_owned(),
                color: Some(color.to_owned()),
                ..remote(id, access)
            })
            .collect();
        listed.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        listed.dedup_by(|one, other| one.id == other.id);
        listed
    })
}

proptest! {
    #[test]
    fn a_list_taken_twice_changes_nothing_more(
        lists in vec(remotes(), 1..6),
        directions in vec(
            select(vec![SyncDirection::Bidirectional, SyncDirection::PullOnly, SyncDirection::PushOnly]), 0..3),
    ) {
        let mut replica = Replica::default();
        for (name, direction) in ["a", "b", "c"].into_iter().zip(directions) {
            replica.link(name, direction);
        }
        for (hour, list) in (0..).zip(lists) {
            let now = NOW + TimeDelta::hours(hour);
            replica.take(list.clone(), now);
            prop_assert!(replica.take(list.clone(), now + TimeDelta::minutes(1)).is_empty());
            for link in &replica.links {
                let listed = list.iter().find(|remote| remote.id == link.remote_calendar_id);
                let row = replica.known.iter().find(|known| known.calendar.id == link.remote_calendar_id);
                let rests = row.is_some_and(|row| row.resting_since.is_some());
                let may_write = listed.is_some_and(|remote| remote.access.may_write());
                prop_assert!(may_write || rests || !link.direction.pushes(), "nothing is sent where it is refused");
                prop_assert!(listed.is_some() || rests, "nothing is read that is not there");
            }
        }
    }

    #[test]
    fn the_persons_way_comes_back_with_the_right_to_write(lists in vec(remotes(), 0..6)) {
        let all = || ["a", "b", "c"].map(|id| remote(id, AccessRole::Owner)).to_vec();
        let ways = [SyncDirection::Bidirectional, SyncDirection::PullOnly, SyncDirection::PushOnly];
        let mut replica = Replica::default();
        for (name, direction) in ["a", "b", "c"].into_iter().zip(ways) {
            replica.link(name, direction);
        }
        replica.take(all(), NOW);
        for list in lists {
            replica.take(list, NOW);
        }
        replica.take(all(), NOW);
        for (name, direction) in ["a", "b", "c"].into_iter().zip(ways) {
            let link = replica.links.iter().find(|link| link.remote_calendar_id.as_str() == name).unwrap();
            prop_assert_eq!(link.direction, direction);
        }
        prop_assert!(replica.known.iter().all(|known| known.resting_since.is_none()));
    }
}
