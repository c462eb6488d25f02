#!/usr/bin/env python3
"""Says which occurrences a recurrence set has, without any of our code.

Reads questions as JSON lines on standard input and answers each with one JSON line on standard output:

    {"start": "2026-03-28T02:30:00", "zone": "Europe/Berlin", "rule": "FREQ=DAILY", "dates": [], "exclusions": [],
     "from": "2026-03-28T00:00:00", "to": "2026-04-28T00:00:00"}
    {"starts": ["2026-03-28T01:30:00", ...]}

`start` is wall-clock time in `zone`, `from`, `to` and the answer are UTC; `dates` and `exclusions` are wall-clock times.
The first line of the answer names the versions of what is asked here: {"dateutil": ..., "tzdata": ...}.

python-dateutil walks the rule in wall-clock time and zoneinfo makes instants of it. Three things that RFC 5545 says and
dateutil does not do are done here, in another way than in the program:

- DTSTART is always the first occurrence, and COUNT counts it.
- BYWEEKNO alone takes its weekday from DTSTART.
- BYDAY=MO,1FR is every Monday and the first Friday, not their intersection.
"""

import datetime as datetime_module
import importlib.metadata
import json
import re
import signal
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone
from heapq import merge

from dateutil.rrule import rrulestr

# The zone rules of the Python package, not of the machine: its version is pinned to that of the program.
zoneinfo.reset_tzpath(to=())

# Rules that yield nothing are searched to this year; no question reaches beyond it.
datetime_module.MAXYEAR = 2070

UTC = timezone.utc
# Clock changes put starts out of order, in Samoa once by a whole day; for rules by the second that would be too far to
# walk.
MARGIN = timedelta(days=2)
SMALL_MARGIN = timedelta(minutes=65)
CPU_SECONDS_PER_QUESTION = 0.5


def main():
    print(json.dumps({
        "dateutil": importlib.metadata.version("python-dateutil"),
        "tzdata": importlib.import_module("tzdata").IANA_VERSION,
    }))
    signal.signal(signal.SIGVTALRM, give_up)
    for line in sys.stdin:
        question = json.loads(line)
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS_PER_QUESTION)
        try:
            answer = {"starts": [time.isoformat() for time in answer_to(question)]}
        except Exception as error:  # noqa: BLE001: whatever dateutil says is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        print(json.dumps(answer))


def give_up(_signal, _frame):
    raise TimeoutError(f"no answer within {CPU_SECONDS_PER_QUESTION} s")


def answer_to(question):
    zone = zoneinfo.ZoneInfo(question["zone"])
    first = datetime.fromisoformat(question["start"])
    window_from = datetime.fromisoformat(question["from"])
    window_to = datetime.fromisoformat(question["to"])

    def instant(local):
        return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    def wall(time):
        return time.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    parts = dict(part.split("=") for part in question["rule"].split(";"))
    until = parts.pop("UNTIL", None)
    until = until and datetime.strptime(until, "%Y%m%dT%H%M%SZ")
    count = int(parts.pop("COUNT", 0)) or None

    margin = SMALL_MARGIN if parts["FREQ"] in ("SECONDLY", "MINUTELY") else MARGIN
    earliest = wall(window_from) - margin
    latest = wall(min(window_to, until) if until else window_to) + margin
    found = set()
    counted = 0
    for local in starts(parts, first):
        counted += 1
        if count and counted > count or local > latest:
            break
        if local >= earliest and (not until or instant(local) <= until):
            found.add(instant(local))
    found |= {instant(datetime.fromisoformat(date)) for date in question["dates"]}
    found -= {instant(datetime.fromisoformat(date)) for date in question["exclusions"]}
    return sorted(time for time in found if window_from <= time < window_to)


def starts(parts, first):
    """DTSTART and all that the rule yields after it, each once."""
    yield first
    last = first
    for local in merge(*(walk(rule, first) for rule in alternatives(parts, first))):
        if local > last:
            yield local
        last = max(last, local)


def walk(rule, first):
    try:
        return iter(rrulestr(rule, dtstart=first))
    except ValueError as error:
        # An INTERVAL that never meets the BYHOUR: dateutil refuses it, in effect the rule is silent.
        if "generates an empty set" in str(error):
            return iter(())
        raise


def alternatives(parts, first):
    """The rules whose union is meant by one that dateutil reads otherwise."""
    parts = dict(parts)
    if "BYWEEKNO" in parts and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY"} & parts.keys():
        parts["BYDAY"] = "MO TU WE TH FR SA SU".split()[first.weekday()]
    days = parts.get("BYDAY", "").split(",")
    numbered = [day for day in days if re.match(r"[-+\d]", day)]
    plain = [day for day in days if day not in numbered]
    choices = [numbered, plain] if numbered and plain else [days]
    for choice in choices:
        if choice != [""]:
            parts["BYDAY"] = ",".join(choice)
        yield ";".join(f"{name}={value}" for name, value in parts.items())


if __name__ == "__main__":
    main()
