"""Acts on a calendar through Google's own client library.

usage: google_client.py ROOT TOKEN insert TITLE DAY | list | rename ID TITLE | delete ID

Prints one JSON document.
"""

import json
import sys

from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build


def main(root, token, verb, *arguments):
    calendar = build(
        "calendar",
        "v3",
        credentials=Credentials(token),
        client_options={"api_endpoint": root},
        static_discovery=True,
    )
    events = calendar.events()
    if verb == "insert":
        title, day = arguments
        body = {
            "summary": title,
            "start": {"dateTime": f"{day}T14:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": f"{day}T15:00:00", "timeZone": "Europe/Berlin"},
        }
        return events.insert(calendarId="primary", body=body).execute()
    if verb == "list":
        return events.list(calendarId="primary").execute()["items"]
    if verb == "rename":
        event_id, title = arguments
        return events.patch(calendarId="primary", eventId=event_id, body={"summary": title}).execute()
    if verb == "delete":
        events.delete(calendarId="primary", eventId=arguments[0]).execute()
        return {}
    raise SystemExit(__doc__)


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
