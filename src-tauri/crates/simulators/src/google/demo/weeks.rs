//! What is in the calendars.

use serde_json::{Value, json};

use super::DemoWorld;
use super::plan::{FRI, MON, NEXT, Plan, SAT, SUN, THU, TUE, WED, guest, local};

const JONAS: (&str, &str) = ("Jonas Feld", "jonas.feld@example.com");
const PRIYA: (&str, &str) = ("Priya Raman", "priya.raman@example.com");
const TOMAS: (&str, &str) = ("Tomás Ibarra", "tomas.ibarra@example.com");

/// A meeting that Ada called.
fn own_meeting(world: &DemoWorld, others: &[((&str, &str), &str)]) -> Value {
    let mut guests = vec![guest("Ada Moreau", &world.email, "accepted")];
    guests.extend(others.iter().map(|((name, email), response)| guest(name, email, response)));
    json!({ "attendees": guests })
}

/// A meeting that Ada is invited to, with her answer.
fn invitation(world: &DemoWorld, (name, email): (&str, &str), answer: &str) -> Value {
    json!({
        "organizer": { "email": email, "displayName": name },
        "creator": { "email": email },
        "attendees": [guest(name, email, "accepted"), guest("Ada Moreau", &world.email, answer)],
    })
}

fn with(mut event: Value, more: Value) -> Value {
    if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
        event.extend(more);
    }
    event
}

/// The calendar "Work".
pub(super) fn work(plan: &Plan, world: &DemoWorld) {
    let calendar = world.work.as_str();
    work_series(plan, world);
    let review = own_meeting(world, &[(JONAS, "accepted"), (PRIYA, "tentative"), (TOMAS, "needsAction")]);
    plan.put_with(
        calendar,
        plan.timed("Design review: sharing", WED, (11, 0), 60),
        with(review, json!({
            "location": "Room Juniper",
            "description": "<p>Please read the <b>draft</b> first.</p><ul><li>Invitations</li><li>Guest access</li></ul>",
            "conferenceData": { "createRequest": { "requestId": "design-review" } },
        })),
    );
    let interview = invitation(world, PRIYA, "declined");
    plan.put_with(calendar, plan.timed("Interview: backend engineer", WED, (11, 30), 60), interview);
    let planning = with(
        own_meeting(world, &[(JONAS, "accepted"), (TOMAS, "accepted")]),
        json!({
            "status": "tentative",
            "location": "Room Alder",
        }),
    );
    plan.put_with(calendar, plan.timed("Quarterly planning", THU, (13, 30), 120), planning);
    let (start, end) = (plan.seen_abroad(MON, (15, 0)), plan.seen_abroad(MON, (15, 45)));
    plan.put(
        calendar,
        json!({
            "summary": "Call with Harbour & Sons",
            "description": "Renewal, and the import they asked about.",
            "colorId": "9",
            "start": start,
            "end": end,
        }),
    );
    plan.put(calendar, plan.timed("Focus: pricing draft", TUE, (10, 0), 120));
    plan.put_with(
        calendar,
        plan.timed("Lunch and learn: maps", THU, (12, 30), 45),
        invitation(world, TOMAS, "tentative"),
    );
    plan.put(calendar, plan.timed("Write release notes", FRI, (11, 0), 60));
    plan.put_with(
        calendar,
        plan.timed("Office hours", FRI, (13, 0), 60),
        json!({ "transparency": "transparent" }),
    );

    plan.put_with(
        calendar,
        plan.timed("Release 4.2: go or no-go", NEXT + MON, (16, 0), 30),
        own_meeting(world, &[(JONAS, "accepted"), (PRIYA, "accepted")]),
    );
    plan.put(calendar, plan.timed("Dry run: summit talk", NEXT + TUE, (10, 0), 60));
    plan.put(calendar, plan.timed("Budget review", NEXT + TUE, (15, 30), 60));
    plan.put_with(
        calendar,
        plan.timed("Summit talk: calendars that agree", NEXT + THU, (10, 30), 45),
        json!({ "location": "Main stage", "colorId": "11" }),
    );
}

fn work_series(plan: &Plan, world: &DemoWorld) {
    let calendar = world.work.as_str();
    let weekly = |days: &str| json!({ "recurrence": [format!("RRULE:FREQ=WEEKLY;BYDAY={days}")] });
    let standup =
        plan.put_with(calendar, plan.timed("Stand-up", MON - NEXT, (9, 30), 15), weekly("MO,TU,WE,TH,FR"));
    let moved = plan.occurrence(&standup, WED, (9, 30));
    let (start, end) = (plan.at(WED, (10, 15)), plan.at(WED, (10, 30)));
    plan.put(
        calendar,
        json!({ "id": moved, "start": local(start, plan.zone), "end": local(end, plan.zone) }),
    );
    let cancelled = plan.occurrence(&standup, FRI, (9, 30));
    plan.put(calendar, json!({ "id": cancelled, "status": "cancelled" }));

    let one_on_one = with(own_meeting(world, &[(JONAS, "accepted")]), weekly("TU"));
    plan.put_with(calendar, plan.timed("1:1 with Jonas", TUE - NEXT, (14, 0), 30), one_on_one);
    plan.put_with(
        calendar,
        plan.timed("Retrospective", FRI - NEXT, (15, 0), 60),
        json!({ "recurrence": ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"], "location": "Room Juniper" }),
    );
    plan.put_with(
        calendar,
        plan.timed("All hands", MON, (11, 0), 45),
        with(weekly("MO"), json!({ "transparency": "transparent" })),
    );
}

/// The calendar "Personal".
pub(super) fn personal(plan: &Plan, world: &DemoWorld) {
    let calendar = world.personal.as_str();
    let climbing = plan.put_with(
        calendar,
        plan.timed("Climbing", MON - NEXT, (18, 30), 90),
        json!({ "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,TH"], "location": "The Quarry" }),
    );
    let away = plan.occurrence(&climbing, NEXT + THU, (18, 30));
    plan.put(calendar, json!({ "id": away, "status": "cancelled" }));
    plan.put_with(
        calendar,
        plan.timed("Dentist", TUE, (17, 15), 45),
        json!({ "location": "12 Mill Lane", "visibility": "private",
                "reminders": { "useDefault": false, "overrides": [{ "method": "popup", "minutes": 60 }] } }),
    );
    plan.put(calendar, plan.timed("Dinner with Noor", FRI, (19, 30), 120));
    plan.put(calendar, plan.timed("Long run", SAT, (9, 0), 75));
    plan.put_with(
        calendar,
        plan.timed("Book club", NEXT + SUN, (17, 0), 120),
        json!({ "status": "tentative" }),
    );
    plan.put_with(
        calendar,
        plan.all_day("Mara's birthday", THU, 1),
        json!({ "eventType": "birthday", "birthdayProperties": { "type": "birthday" }, "visibility": "private",
                "transparency": "transparent", "recurrence": ["RRULE:FREQ=YEARLY"] }),
    );
    plan.put_with(
        calendar,
        plan.all_day("Lisbon: product summit", NEXT + WED, 3),
        json!({ "location": "Lisbon, Portugal", "colorId": "5" }),
    );
    special_kinds(plan, calendar);
    // Two clocks, one flight.
    plan.put(
        calendar,
        json!({
            "summary": "Flight to the summit",
            "description": "Seat 14C. Check in the day before.",
            "start": local(plan.at(NEXT + TUE, (18, 40)), plan.zone),
            "end": plan.seen_abroad(NEXT + TUE, (21, 15)),
        }),
    );
}

/// Events of the kinds that Google treats differently, apart from the birthday.
fn special_kinds(plan: &Plan, calendar: &str) {
    plan.put_with(
        calendar,
        plan.timed("Focus: expenses", FRI, (9, 30), 60),
        json!({ "eventType": "focusTime", "focusTimeProperties": { "chatStatus": "doNotDisturb" } }),
    );
    plan.put_with(
        calendar,
        plan.all_day("Working from home", NEXT + MON, 1),
        json!({ "eventType": "workingLocation", "transparency": "transparent", "visibility": "public",
                "workingLocationProperties": { "type": "homeOffice", "homeOffice": {} } }),
    );
    plan.put_with(
        calendar,
        plan.timed("Out of office", NEXT + FRI, (14, 0), 240),
        json!({ "eventType": "outOfOffice",
                "outOfOfficeProperties": { "autoDeclineMode": "declineOnlyNewConflictingInvitations" } }),
    );
    plan.put_with(
        calendar,
        plan.all_day("Stay at Casa do Largo", NEXT + WED, 3),
        json!({ "eventType": "fromGmail", "location": "Largo do Carmo, Lisbon", "transparency": "transparent" }),
    );
}

/// The calendar "Family".
pub(super) fn family(plan: &Plan, world: &DemoWorld) {
    let calendar = world.family.as_str();
    plan.put_with(
        calendar,
        plan.timed("Léo: swimming", WED - NEXT, (16, 30), 60),
        json!({ "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=WE"], "location": "North pool" }),
    );
    plan.put_with(
        calendar,
        plan.timed("School run", TUE - NEXT, (8, 10), 25),
        json!({ "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=TU,FR"] }),
    );
    plan.put(calendar, plan.timed("Parents' evening", THU, (18, 0), 60));
    plan.put(calendar, plan.timed("Market and groceries", SAT, (11, 0), 60));
    plan.put_with(calendar, plan.timed("Film night", SAT, (20, 0), 130), json!({ "status": "tentative" }));
    plan.put(calendar, plan.timed("Lunch at Odile's", SUN, (12, 30), 150));
    plan.put_with(
        calendar,
        plan.all_day("Weekend at the grandparents'", NEXT + SAT, 2),
        json!({ "transparency": "transparent" }),
    );
}

/// The calendar "Holidays": days that come every year on the same date.
pub(super) fn holidays(plan: &Plan, world: &DemoWorld) {
    const DAYS: [(u32, u32, &str); 18] = [
        (1, 1, "New Year's Day"),
        (2, 14, "Valentine's Day"),
        (3, 8, "International Women's Day"),
        (3, 20, "Day of Happiness"),
        (4, 7, "World Health Day"),
        (4, 22, "Earth Day"),
        (5, 1, "Labour Day"),
        (5, 9, "Europe Day"),
        (6, 5, "World Environment Day"),
        (6, 21, "World Music Day"),
        (7, 14, "Bastille Day"),
        (8, 19, "World Photography Day"),
        (9, 21, "International Day of Peace"),
        (10, 5, "World Teachers' Day"),
        (10, 31, "Halloween"),
        (11, 11, "Armistice Day"),
        (12, 25, "Christmas Day"),
        (12, 31, "New Year's Eve"),
    ];
    use chrono::{Datelike, NaiveDate};
    let year = plan.monday.year() - 1;
    for (month, day, summary) in DAYS {
        let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
            continue;
        };
        let event = plan.all_day(summary, (date - plan.monday).num_days(), 1);
        let yearly = json!({ "recurrence": ["RRULE:FREQ=YEARLY"], "transparency": "transparent", "visibility": "public" });
        plan.put_with(&world.holidays, event, yearly);
    }
}
