"""Puts a Google Calendar server through what a sync client needs, with Google's own client library.

    google_client.py --api-url http://127.0.0.1:PORT/calendar/v3 --access-token TOKEN

Works on a calendar that it creates and deletes again. Prints one line for each check; exits with 1 at the first that
fails. It is written against the public documentation alone, so it can be pointed at the simulator or, with a token of
a throw-away account, at the real service. Two checks need a simulator's control API and are skipped without one.
"""

import argparse
import http.server
import sys
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone

from dateutil import parser as dates
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

CHECKS = []


def check(name):
    """Registers a check under the name that is printed."""

    def register(function):
        CHECKS.append((name, function))
        return function

    return register


class Failure(Exception):
    """What was expected and what came instead."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def refused(status, reason, request):
    """Executes a request that must be refused with this status and, if given, this reason."""
    try:
        answer = request.execute()
    except HttpError as error:
        details = error.error_details if isinstance(error.error_details, list) else []
        reasons = [detail.get("reason") for detail in details]
        expect(error.status_code == status, f"expected status {status}, got {error.status_code} {reasons}")
        expect(reason is None or reason in reasons, f"expected reason {reason}, got {reasons}")
        return
    raise Failure(f"expected status {status}, but it was answered with {answer!r}")


def timed(start, minutes=60, zone="Europe/Paris", **more):
    """An event body that starts at an instant."""
    end = start + timedelta(minutes=minutes)
    side = lambda moment: {"dateTime": moment.isoformat(), "timeZone": zone}
    return {"start": side(start), "end": side(end), **more}


class World:
    """The calendar under test and the client to reach it with."""

    def __init__(self, api_url, access_token, control):
        root = api_url.rstrip("/") + "/"
        self.api = build(
            "calendar",
            "v3",
            credentials=Credentials(access_token),
            client_options={"api_endpoint": root},
            static_discovery=True,
        )
        self.control = control
        self.calendar = None
        self.monday = datetime(2026, 6, 1, 9, 0, tzinfo=timezone(timedelta(hours=2)))

    @property
    def events(self):
        return self.api.events()

    def insert(self, **body):
        return self.events.insert(calendarId=self.calendar, sendUpdates="none", body=body).execute()

    def with_etag(self, request, etag):
        request.headers["If-Match"] = etag
        return request

    def all_pages(self, **parameters):
        """Lists to the end; returns the items and the last page."""
        request = self.events.list(calendarId=self.calendar, **parameters)
        items, pages = [], 0
        while request is not None:
            page = request.execute()
            pages += 1
            items += page.get("items", [])
            expect(pages < 1000, "paging does not end")
            request = self.events.list_next(request, page)
        return items, page, pages


@check("a calendar can be created and is listed")
def create_calendar(world):
    body = {"summary": "Conformance", "timeZone": "Europe/Paris"}
    world.calendar = world.api.calendars().insert(body=body).execute()["id"]
    entry = world.api.calendarList().get(calendarId=world.calendar).execute()
    expect(entry["accessRole"] == "owner", f"accessRole is {entry['accessRole']}")
    listed = world.api.calendarList().list().execute()
    expect(world.calendar in [item["id"] for item in listed["items"]], "it is not in the list")
    primary = [item for item in listed["items"] if item.get("primary")]
    expect(len(primary) == 1 and "@" in primary[0]["id"], "there is not one primary calendar with an address as id")


@check("colors are listed")
def colors(world):
    palette = world.api.colors().get().execute()
    expect(len(palette["event"]) == 11 and len(palette["calendar"]) == 24, "the palette has another size")


@check("an event is inserted with an id of the client's")
def insert_with_id(world):
    wanted = uuid.uuid4().hex
    event = world.insert(id=wanted, summary="Own id", **timed(world.monday))
    expect(event["id"] == wanted, f"the id is {event['id']}")
    expect(event["etag"].startswith('"') and event["etag"].endswith('"'), "the etag is not quoted")
    expect(event["status"] == "confirmed", "the status is not confirmed")
    for default in ("transparency", "visibility", "recurrence"):
        expect(default not in event, f"the default {default} is shown")
    moment = dates.isoparse(event["start"]["dateTime"])
    expect(moment == world.monday, f"it starts at {moment}")


@check("the same id is refused with 409, also after the event was deleted")
def duplicate(world):
    wanted = uuid.uuid4().hex
    body = {"id": wanted, **timed(world.monday)}
    world.insert(**body)
    again = lambda: world.events.insert(calendarId=world.calendar, body=body)
    refused(409, "duplicate", again())
    world.events.delete(calendarId=world.calendar, eventId=wanted).execute()
    refused(409, "duplicate", again())


@check("improper bodies are refused with 400")
def improper(world):
    insert = lambda **body: world.events.insert(calendarId=world.calendar, body=body)
    refused(400, None, insert(id="NOT-AN-ID", **timed(world.monday)))
    refused(400, "required", insert(summary="no times"))
    refused(400, "timeRangeEmpty", insert(**timed(world.monday, minutes=-30)))
    mixed = timed(world.monday)
    mixed["end"] = {"date": "2026-06-02"}
    refused(400, None, insert(**mixed))
    zoneless = timed(world.monday, recurrence=["RRULE:FREQ=DAILY"])
    del zoneless["start"]["timeZone"], zoneless["end"]["timeZone"]
    refused(400, None, insert(**zoneless))


@check("a patch keeps what it does not name and clears what is null")
def patch(world):
    event = world.insert(summary="Before", location="Here", **timed(world.monday))
    body = {"summary": "After", "location": None, "extendedProperties": {"private": {"mark": "1"}}}
    patched = world.events.patch(calendarId=world.calendar, eventId=event["id"], body=body).execute()
    expect(patched["summary"] == "After", "the title did not change")
    expect("location" not in patched, "the place was not cleared")
    expect(patched["start"] == event["start"], "the start changed")
    expect(patched["etag"] != event["etag"], "the etag did not change")
    marked = world.events.list(calendarId=world.calendar, privateExtendedProperty="mark=1").execute()
    expect([item["id"] for item in marked["items"]] == [event["id"]], "the marked event was not found")
    expect("nextSyncToken" not in marked, "a filtered list has a sync token")


@check("an event becomes an all-day one when the old form is cleared")
def all_day(world):
    event = world.insert(summary="Timed", **timed(world.monday))
    day = lambda date: {"date": date, "dateTime": None, "timeZone": None}
    body = {"start": day("2026-06-01"), "end": day("2026-06-02")}
    patched = world.events.patch(calendarId=world.calendar, eventId=event["id"], body=body).execute()
    expect(patched["start"] == {"date": "2026-06-01"}, f"the start is {patched['start']}")


@check("an update replaces everything")
def update(world):
    event = world.insert(summary="Before", description="gone soon", **timed(world.monday))
    body = {"summary": "After", "sequence": event["sequence"], **timed(world.monday)}
    updated = world.events.update(calendarId=world.calendar, eventId=event["id"], body=body).execute()
    expect(updated["summary"] == "After" and "description" not in updated, "it was not replaced")


@check("a stale If-Match is refused with 412, a fresh one is not")
def preconditions(world):
    event = world.insert(summary="One", **timed(world.monday))
    where = {"calendarId": world.calendar, "eventId": event["id"]}
    second = world.events.patch(body={"summary": "Two"}, **where).execute()
    stale = world.events.patch(body={"summary": "Three"}, **where)
    refused(412, "conditionNotMet", world.with_etag(stale, event["etag"]))
    refused(412, "conditionNotMet", world.with_etag(world.events.delete(**where), event["etag"]))
    fresh = world.events.patch(body={"summary": "Three"}, **where)
    world.with_etag(fresh, second["etag"]).execute()


@check("If-None-Match is answered with 304")
def not_modified(world):
    event = world.insert(summary="Same", **timed(world.monday))
    request = world.events.get(calendarId=world.calendar, eventId=event["id"])
    request.headers["If-None-Match"] = event["etag"]
    refused(304, None, request)


@check("a deleted event is gone, stays visible as cancelled, and cannot be deleted twice")
def delete(world):
    event = world.insert(summary="Short", **timed(world.monday))
    where = {"calendarId": world.calendar, "eventId": event["id"]}
    world.events.delete(**where).execute()
    expect(world.events.get(**where).execute()["status"] == "cancelled", "it is not cancelled")
    refused(410, "deleted", world.events.delete(**where))
    refused(404, "notFound", world.events.delete(calendarId=world.calendar, eventId=uuid.uuid4().hex))
    restored = world.events.patch(body={"status": "confirmed"}, **where).execute()
    expect(restored["status"] == "confirmed", "it could not be brought back")


@check("pages add up, and only the last has a sync token")
def paging(world):
    for number in range(7):
        world.insert(summary=f"Page {number}", **timed(world.monday + timedelta(hours=number)))
    whole, _, _ = world.all_pages()
    request = world.events.list(calendarId=world.calendar, maxResults=3)
    parts = []
    while request is not None:
        page = request.execute()
        expect(len(page["items"]) <= 3, "a page is longer than asked for")
        expect(("nextPageToken" in page) != ("nextSyncToken" in page), "a page has both tokens or none")
        parts += page["items"]
        request = world.events.list_next(request, page)
    expect(len(parts) == len({item["id"] for item in parts}), "an event is on two pages")
    expect({item["id"] for item in parts} == {item["id"] for item in whole}, "the pages do not add up")


@check("a sync token leads to what changed since, deletions included")
def incremental(world):
    _, last, _ = world.all_pages()
    kept = world.insert(summary="New", **timed(world.monday))
    gone = world.insert(summary="Gone", **timed(world.monday))
    world.events.delete(calendarId=world.calendar, eventId=gone["id"]).execute()
    changes, last, _ = world.all_pages(syncToken=last["nextSyncToken"], maxResults=1)
    states = {item["id"]: item["status"] for item in changes}
    expect(states == {kept["id"]: "confirmed", gone["id"]: "cancelled"}, f"the changes are {states}")
    nothing, _, _ = world.all_pages(syncToken=last["nextSyncToken"])
    expect(nothing == [], "what was seen is listed again")


@check("forbidden company of a sync token is refused with 400, a broken one too")
def sync_token_company(world):
    _, last, _ = world.all_pages()
    token = last["nextSyncToken"]
    now = datetime.now(timezone.utc).isoformat()
    for company in ({"timeMin": now}, {"timeMax": now}, {"orderBy": "updated"}, {"q": "x"}, {"showDeleted": False}):
        refused(400, None, world.events.list(calendarId=world.calendar, syncToken=token, **company))
    refused(400, "invalid", world.events.list(calendarId=world.calendar, syncToken="nonsense"))


@check("listings are bounded, ordered and partial as asked")
def bounded(world):
    start = datetime(2026, 9, 7, 8, 0, tzinfo=timezone.utc)
    for hour in (2, 0, 1):
        world.insert(summary=f"Hour {hour}", **timed(start + timedelta(hours=hour)))
    page = world.events.list(
        calendarId=world.calendar,
        singleEvents=True,
        orderBy="startTime",
        timeMin=(start + timedelta(minutes=60)).isoformat(),
        timeMax=(start + timedelta(hours=4)).isoformat(),
        fields="items(summary,start/dateTime),nextPageToken",
    ).execute()
    expect([item["summary"] for item in page["items"]] == ["Hour 1", "Hour 2"], f"got {page['items']}")
    expect(set(page) == {"items"} and set(page["items"][0]) == {"summary", "start"}, "more than asked for")
    refused(400, None, world.events.list(calendarId=world.calendar, orderBy="startTime"))
    backwards = {"timeMin": "2026-01-02T00:00:00Z", "timeMax": "2026-01-01T00:00:00Z"}
    refused(400, "timeRangeEmpty", world.events.list(calendarId=world.calendar, **backwards))


@check("a series has instances, exceptions and gaps")
def series(world):
    rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=4"]}
    master = world.insert(summary="Daily", **timed(world.monday, **rule))
    instances = lambda **more: world.events.instances(calendarId=world.calendar, eventId=master["id"], **more).execute()
    found = instances()["items"]
    expect(len(found) == 4, f"there are {len(found)} instances")
    expect(all(item["recurringEventId"] == master["id"] for item in found), "an instance does not name its series")
    _, last, _ = world.all_pages()
    where = lambda item: {"calendarId": world.calendar, "eventId": item["id"]}
    world.events.patch(body={"summary": "Changed"}, **where(found[1])).execute()
    world.events.delete(**where(found[2])).execute()
    expect([item.get("summary") for item in instances()["items"]] == ["Daily", "Changed", "Daily"], "wrong instances")
    expect(len(instances(showDeleted=True)["items"]) == 4, "the gap is not shown")
    changes, _, _ = world.all_pages(syncToken=last["nextSyncToken"])
    states = {item["id"]: item["status"] for item in changes}
    expect(states == {found[1]["id"]: "confirmed", found[2]["id"]: "cancelled"}, f"the changes are {states}")
    listed, _, _ = world.all_pages()
    gap = [item for item in listed if item["id"] == found[2]["id"]]
    expect(len(gap) == 1 and gap[0]["status"] == "cancelled", "a full listing does not name the gap")
    expect("originalStartTime" in gap[0], "the gap does not say where it is")


@check("an event moves to another calendar and leaves a cancelled stub")
def move(world):
    other = world.api.calendars().insert(body={"summary": "Conformance 2"}).execute()["id"]
    try:
        event = world.insert(summary="Mover", **timed(world.monday))
        where = {"calendarId": world.calendar, "eventId": event["id"]}
        moved = world.events.move(destination=other, **where).execute()
        expect(moved["id"] == event["id"] and moved["organizer"]["email"] == other, "it did not change hands")
        expect(world.events.get(**where).execute()["status"] == "cancelled", "there is no stub")
    finally:
        world.api.calendars().delete(calendarId=other).execute()


@check("an import is found again by its iCalendar id")
def imported(world):
    body = {"iCalUID": f"{uuid.uuid4()}@example.org", "summary": "Copy", **timed(world.monday)}
    once = world.events.import_(calendarId=world.calendar, body=body).execute()
    twice = world.events.import_(calendarId=world.calendar, body={**body, "summary": "Copy 2"}).execute()
    expect(once["id"] == twice["id"] and twice["summary"] == "Copy 2", "it was imported twice")


class Hooks:
    """A receiver of push messages on loopback."""

    def __init__(self):
        self.messages = []
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                hooks.messages.append(self.headers)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        deadline = time.monotonic() + 10
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        expect(len(self.messages) >= count, f"only {len(self.messages)} of {count} push messages came")


@check("a watched calendar sends messages until it is stopped")
def watch(world):
    if not world.control:
        return "skipped"
    hooks = Hooks()
    body = {"id": str(uuid.uuid4()), "type": "web_hook", "address": hooks.address, "token": "secret"}
    channel = world.events.watch(calendarId=world.calendar, body=body).execute()
    expect(channel["kind"] == "api#channel" and int(channel["expiration"]) > time.time() * 1000, f"got {channel}")
    refused(400, "channelIdNotUnique", world.events.watch(calendarId=world.calendar, body=body))
    plain = {**body, "id": str(uuid.uuid4()), "address": "http://example.org/hook"}
    refused(400, "push.webhookUrlNotHttps", world.events.watch(calendarId=world.calendar, body=plain))
    hooks.wait_for(1)
    world.insert(summary="Watched", **timed(world.monday))
    hooks.wait_for(2)
    first, second = hooks.messages[:2]
    expect(first["X-Goog-Resource-State"] == "sync" and first["X-Goog-Message-Number"] == "1", f"got {first}")
    expect(second["X-Goog-Resource-State"] == "exists", f"got {second}")
    expect(second["X-Goog-Channel-Token"] == "secret", "the token did not come back")
    stop = {"id": channel["id"], "resourceId": channel["resourceId"]}
    world.api.channels().stop(body=stop).execute()
    world.insert(summary="Unwatched", **timed(world.monday))
    time.sleep(0.3)
    expect(len(hooks.messages) == 2, "a message came after the stop")
    refused(404, None, world.api.channels().stop(body=stop))
    hooks.server.shutdown()


@check("an old sync token is refused with 410")
def expired(world):
    if not world.control:
        return "skipped"
    import httplib2

    _, last, _ = world.all_pages()
    httplib2.Http().request(world.control.rstrip("/") + "/expire-sync-tokens", "POST")
    refused(410, "fullSyncRequired", world.events.list(calendarId=world.calendar, syncToken=last["nextSyncToken"]))
    _, last, _ = world.all_pages()
    world.all_pages(syncToken=last["nextSyncToken"])


@check("a foreign token is refused with 401")
def unauthorized(world):
    # Without a refresh token the library passes the refusal on.
    stranger = World(world.api._baseUrl, "made-up", None)
    from google.auth.exceptions import RefreshError

    try:
        stranger.api.calendarList().list().execute()
    except RefreshError:
        return
    except HttpError as error:
        expect(error.status_code == 401, f"expected status 401, got {error.status_code}")
        return
    raise Failure("a made-up token was accepted")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--api-url", required=True, help="the base of the API, ending in /calendar/v3")
    arguments.add_argument("--access-token", required=True)
    arguments.add_argument("--control-url", help="a simulator's control API; without it two checks are skipped")
    given = arguments.parse_args()
    control = given.control_url
    if control is None and given.api_url.startswith("http://127.0.0.1"):
        control = given.api_url.removesuffix("/").removesuffix("/calendar/v3") + "/control"
    world = World(given.api_url, given.access_token, control)
    try:
        for name, function in CHECKS:
            try:
                outcome = function(world) or "ok"
            except (Failure, HttpError, KeyError) as error:
                print(f"FAILED  {name}: {error!r}", flush=True)
                return 1
            print(f"{outcome:<7} {name}", flush=True)
    finally:
        if world.calendar is not None:
            world.api.calendars().delete(calendarId=world.calendar).execute()
    print(f"{len(CHECKS)} checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
