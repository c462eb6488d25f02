-- Every change of an event: who made it, when, which fields, and the whole event as it was before. It outlives the event
-- and its calendar, hence no references; rows older than the person wishes are removed daily.
--
-- What a service brings in for the first time is not written down here: the event itself says when it came.
CREATE TABLE event_history (
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    event_id       TEXT    NOT NULL,
    series_id      TEXT,
    author         TEXT    NOT NULL CHECK (author IN ('person', 'remote', 'merge')),
    integration_id TEXT,
    change         TEXT    NOT NULL CHECK (change IN ('created', 'changed', 'deleted', 'restored')),
    fields         TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(fields)),
    before         TEXT    CHECK (before IS NULL OR json_valid(before))
) STRICT;

CREATE INDEX event_history_by_event ON event_history (event_id, id);
CREATE INDEX event_history_by_series ON event_history (series_id, at) WHERE series_id IS NOT NULL;
CREATE INDEX event_history_by_time ON event_history (at);
CREATE INDEX event_history_of_deletions ON event_history (id) WHERE change = 'deleted' AND series_id IS NULL;
