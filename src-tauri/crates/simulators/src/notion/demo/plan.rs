//! The two databases, and a small vocabulary for writing them down.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::notion::control::{Control, NewDatabase};
use crate::notion::date::from_wall;

/// A week that begins on a Monday, and the control to write it down with.
pub(super) struct Plan {
    control: Control,
    monday: NaiveDate,
    zone: Tz,
}

fn text(content: &str) -> Value {
    json!([{ "text": { "content": content } }])
}

impl Plan {
    /// The week that `today` is in.
    pub(super) fn new(control: Control, today: NaiveDate, zone: Tz) -> Self {
        let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
        Self { control, monday, zone }
    }

    fn day(&self, day: u64) -> NaiveDate {
        self.monday + Days::new(day)
    }

    /// A whole day, or several; the last one is included.
    fn days(&self, first: u64, last: u64) -> Value {
        let end = (last > first).then(|| self.day(last).to_string());
        json!({ "start": self.day(first).to_string(), "end": end })
    }

    fn moment(&self, day: u64, hour: u32, minute: u32) -> String {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        from_wall(self.day(day).and_time(time), self.zone).to_rfc3339()
    }

    /// A time on a day, and how many minutes it takes; no end when it takes none.
    fn at(&self, day: u64, (hour, minute): (u32, u32), minutes: u32) -> Value {
        let end = (minutes > 0).then(|| {
            let all = hour * 60 + minute + minutes;
            self.moment(day, all / 60 % 24, all % 60)
        });
        json!({ "start": self.moment(day, hour, minute), "end": end })
    }

    fn database(&self, title: &str, icon: &str, properties: Value) -> Uuid {
        let properties = match properties {
            Value::Object(properties) => properties.into_iter().collect(),
            _ => std::collections::BTreeMap::new(),
        };
        let new = NewDatabase {
            title: title.to_owned(),
            properties,
            icon: Some(icon.to_owned()),
            ..NewDatabase::default()
        };
        self.control.add_database(new).1
    }

    /// "Projects": what a small team has to do, in English.
    pub(super) fn projects(&self, ada: Uuid, ben: Uuid) -> Uuid {
        let options = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Value>();
        let source = self.database(
            "Projects",
            "🚀",
            json!({
                "Name": { "title": {} },
                "Date": { "date": {} },
                "Status": { "status": { "options": options(&["Planned", "Under way", "Done"]) } },
                "Area": { "select": { "options": options(&["Design", "Engineering", "Marketing"]) } },
                "Tags": { "multi_select": { "options": options(&["urgent", "customer", "idea"]) } },
                "Owner": { "people": {} },
                "Notes": { "rich_text": {} },
                "Link": { "url": {} },
                "Budget": { "number": { "format": "euro" } },
                "Ticket": { "unique_id": { "prefix": "PRO" } },
                "Created": { "created_time": {} },
            }),
        );
        let row = |name: &str, date: Value, status: &str, area: &str, owner: Uuid, more: Value| {
            let mut properties = json!({
                "Name": { "title": text(name) },
                "Date": { "date": date },
                "Status": { "status": { "name": status } },
                "Area": { "select": { "name": area } },
                "Owner": { "people": [{ "id": owner }] },
            });
            if let (Some(properties), Value::Object(more)) = (properties.as_object_mut(), more) {
                properties.extend(more);
            }
            self.control.add_page(source, json!({ "properties": properties }))
        };
        let formatted = json!({ "rich_text": [
            { "text": { "content": "Bring the " } },
            { "text": { "content": "new samples" }, "annotations": { "bold": true } },
            { "text": { "content": " and the " } },
            { "text": { "content": "price list", "link": { "url": "https://example.com/prices" } } },
        ] });
        let (design, engineering, marketing) = ("Design", "Engineering", "Marketing");
        row(
            "Website relaunch",
            self.days(0, 4),
            "Under way",
            design,
            ada,
            json!({ "Budget": { "number": 12_500 } }),
        );
        row(
            "Kick-off with Harbour & Sons",
            self.at(0, (10, 0), 60),
            "Done",
            marketing,
            ada,
            json!({ "Notes": formatted }),
        );
        row(
            "Prototype review",
            self.at(1, (14, 0), 90),
            "Under way",
            engineering,
            ben,
            json!({
                "Link": { "url": "https://example.com/prototype" },
                "Tags": { "multi_select": [{ "name": "urgent" }, { "name": "customer" }] },
            }),
        );
        row("Usability tests", self.days(2, 3), "Planned", design, ben, json!({}));
        row("Newsletter", self.at(3, (9, 30), 0), "Planned", marketing, ada, json!({}));
        row(
            "Release 2.4",
            self.days(4, 4),
            "Planned",
            engineering,
            ben,
            json!({ "Tags": { "multi_select": [{ "name": "urgent" }] } }),
        );
        row("Retrospective", self.at(4, (15, 0), 60), "Planned", engineering, ada, json!({}));
        row(
            "Trade fair",
            self.days(8, 10),
            "Planned",
            marketing,
            ada,
            json!({ "Budget": { "number": 4_800 } }),
        );
        row("Interview: product designer", self.at(8, (11, 0), 45), "Planned", design, ada, json!({}));
        row("Security audit", self.days(9, 9), "Planned", engineering, ben, json!({}));
        row("Quarterly planning", self.at(10, (9, 0), 180), "Planned", marketing, ben, json!({}));
        row("Photo shoot", self.at(11, (13, 0), 240), "Planned", design, ada, json!({}));
        row(
            "Ideas for the summer campaign",
            Value::Null,
            "Planned",
            marketing,
            ada,
            json!({ "Tags": { "multi_select": [{ "name": "idea" }] } }),
        );
        source
    }

    /// "Veranstaltungen": what goes on in a cultural centre, with columns that no English program would guess.
    pub(super) fn veranstaltungen(&self, ada: Uuid, ben: Uuid) -> Uuid {
        let options = |names: &[&str]| names.iter().map(|name| json!({ "name": name })).collect::<Value>();
        let source = self.database(
            "Veranstaltungen",
            "🎭",
            json!({
                "Name": { "title": {} },
                "Datum": { "date": {} },
                "Ort": { "rich_text": {} },
                "Status": { "status": { "options": options(&["Geplant", "Bestätigt", "Vorbei"]) } },
                "Notiz": { "rich_text": {} },
                "Personen": { "people": {} },
                "Webseite": { "url": {} },
                "Ausverkauft": { "checkbox": {} },
                "Geändert": { "last_edited_time": {} },
            }),
        );
        let row = |name: &str, date: Value, place: &str, status: &str, people: &[Uuid], note: &str| {
            let people = people.iter().map(|id| json!({ "id": id })).collect::<Value>();
            let properties = json!({
                "Name": { "title": text(name) },
                "Datum": { "date": date },
                "Ort": { "rich_text": text(place) },
                "Status": { "status": { "name": status } },
                "Personen": { "people": people },
                "Notiz": { "rich_text": text(note) },
            });
            let body = json!([{ "paragraph": { "rich_text": text(note) } }]);
            self.control.add_page(source, json!({ "properties": properties, "children": body }))
        };
        row(
            "Lesung: Neue Stimmen",
            self.at(1, (19, 30), 120),
            "Stadtbibliothek, Saal 2",
            "Bestätigt",
            &[ada],
            "Mikrofone ab 18 Uhr.",
        );
        row(
            "Jazz im Hof",
            self.at(4, (20, 0), 150),
            "Innenhof",
            "Bestätigt",
            &[ada, ben],
            "Bei Regen im Foyer.",
        );
        row("Flohmarkt", self.days(5, 6), "Marktplatz", "Geplant", &[ben], "Aufbau am Freitag.");
        row("Kinderkino", self.at(6, (15, 0), 0), "Kleiner Saal", "Bestätigt", &[ben], "Popcorn bestellen.");
        row("Töpferkurs", self.at(8, (18, 0), 120), "Werkstatt", "Geplant", &[ada], "Acht Plätze.");
        row(
            "Ausstellung »Fjord«",
            self.days(7, 13),
            "Galerie",
            "Bestätigt",
            &[ada, ben],
            "Vernissage am Montag.",
        );
        row("Chorprobe", self.at(9, (19, 0), 90), "Großer Saal", "Bestätigt", &[ben], "Noten mitbringen.");
        row("Sommerfest", self.days(12, 12), "Garten", "Geplant", &[ada, ben], "Genehmigung steht aus.");
        row("Vereinssitzung", self.at(2, (17, 0), 60), "Büro", "Vorbei", &[ada], "Protokoll liegt aus.");
        source
    }
}
