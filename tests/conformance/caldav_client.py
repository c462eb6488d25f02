"""Looks at a calendar with the `caldav` client, and writes into it.

    caldav_client.py CALENDAR-URL USER PASSWORD

Exits with 1 when it does not find what Synodic has written: a weekly series with one edited and one deleted occurrence,
in a zone and with a reminder. Then it writes such a series of its own, and a day.
"""

import sys
from datetime import datetime, timedelta

import caldav
from icalendar import Calendar

url, user, password = sys.argv[1:]
client = caldav.DAVClient(url=url, username=user, password=password)
calendar = client.calendar(url=url)


def expect(condition, message):
    if not condition:
        sys.exit(message)


objects = [Calendar.from_ical(event.data) for event in calendar.events()]
expect(len(objects) == 1, f"one resource was expected, {len(objects)} are there")
events = objects[0].walk("VEVENT")
masters = [event for event in events if "RECURRENCE-ID" not in event]
overrides = [event for event in events if "RECURRENCE-ID" in event]
expect(len(masters) == 1 and len(overrides) == 1, f"one series and one edited occurrence were expected: {events}")
master, override = masters[0], overrides[0]
expect(str(master["SUMMARY"]) == "Ours, weekly", master["SUMMARY"])
expect(master["DTSTART"].dt.utcoffset() == timedelta(hours=1), master["DTSTART"].dt)
expect(str(override["SUMMARY"]) == "Ours, once", override["SUMMARY"])
expect(override["RECURRENCE-ID"].dt == master["DTSTART"].dt + timedelta(days=7), override["RECURRENCE-ID"].dt)
expect(master["EXDATE"].dts[0].dt == master["DTSTART"].dt + timedelta(days=14), master["EXDATE"])
expect(master.walk("VALARM")[0]["TRIGGER"].dt == timedelta(minutes=-10), "the reminder is missing")

november = calendar.search(
    start=datetime(2026, 11, 1), end=datetime(2026, 12, 1), event=True, expand=True
)
expect(len(november) == 3, f"three occurrences were expected, {len(november)} are found")

calendar.save_event(
    """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//another client//EN
BEGIN:VEVENT
UID:theirs-weekly
DTSTAMP:20261101T000000Z
DTSTART;TZID=America/New_York:20261103T180000
DTEND;TZID=America/New_York:20261103T190000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=America/New_York:20261117T180000
SUMMARY:Theirs\\, weekly
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Soon
TRIGGER:-PT30M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:theirs-weekly
DTSTAMP:20261101T000000Z
RECURRENCE-ID;TZID=America/New_York:20261110T180000
DTSTART;TZID=America/New_York:20261110T200000
DTEND;TZID=America/New_York:20261110T210000
SUMMARY:Theirs\\, once
END:VEVENT
END:VCALENDAR
"""
)
calendar.save_event(
    """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//another client//EN
BEGIN:VEVENT
UID:theirs-day
DTSTAMP:20261101T000000Z
DTSTART;VALUE=DATE:20261120
DTEND;VALUE=DATE:20261121
SUMMARY:Theirs\\, day
END:VEVENT
END:VCALENDAR
"""
)
