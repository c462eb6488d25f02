-- The replica: everything that Synodic knows, in one file.
--
-- Conventions. Tables are STRICT. Identifiers of our own are UUIDs as text; those of providers are kept as they came.
-- Instants are whole milliseconds of UTC. What has no value is NULL; an empty text is a text. JSON columns hold what
-- the model's types serialise to, and enumerations the words that the same types use, so a CHECK here and an enum
-- there have to agree. Counted ids are AUTOINCREMENT: an id that was once seen never comes back as another row.
--
-- Once released, this file is never edited; changes come as further files.

-- A local collection of events.
CREATE TABLE calendar (
    id                TEXT    NOT NULL PRIMARY KEY,
    name              TEXT    NOT NULL DEFAULT '',
    color             TEXT    NOT NULL DEFAULT '#3b82f6',
    time_zone         TEXT    NOT NULL DEFAULT 'UTC',
    visible           INTEGER NOT NULL DEFAULT 1 CHECK (visible IN (0, 1)),
    position          INTEGER NOT NULL DEFAULT 0,
    default_reminders TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(default_reminders))
) STRICT;

-- One connected account at one provider. Its secrets are in the operating system's keyring under provider and account.
--
-- Microsoft is named before its time, for a CHECK cannot be widened without rebuilding the table.
--
-- A sync cursor and a webhook belong to one remote calendar, and an account has many; so these columns are on link.
CREATE TABLE calendar_integration (
    id              TEXT    NOT NULL PRIMARY KEY,
    provider        TEXT    NOT NULL CHECK (provider IN ('google', 'notion', 'caldav', 'microsoft')),
    account         TEXT    NOT NULL,
    status          TEXT    NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'needs_sign_in')),
    direction       TEXT    NOT NULL DEFAULT 'bidirectional'
                            CHECK (direction IN ('bidirectional', 'pull_only', 'push_only')),
    settings        TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    created_at      INTEGER NOT NULL,
    last_success_at INTEGER,
    last_error      TEXT
) STRICT;

-- What ties a calendar to a remote calendar: the way changes travel, how far it was pulled (cursor), how many full
-- listings it has had (generation), and the provider's channel that tells us of changes, all of it or nothing.
CREATE TABLE link (
    id                 TEXT    NOT NULL PRIMARY KEY,
    calendar_id        TEXT    NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    integration_id     TEXT    NOT NULL REFERENCES calendar_integration (id) ON DELETE CASCADE,
    remote_calendar_id TEXT    NOT NULL,
    remote_name        TEXT    NOT NULL DEFAULT '',
    direction          TEXT    NOT NULL DEFAULT 'bidirectional'
                               CHECK (direction IN ('bidirectional', 'pull_only', 'push_only')),
    cursor             TEXT,
    generation         INTEGER NOT NULL DEFAULT 0,
    webhook_id         TEXT,
    webhook_resource   TEXT,
    webhook_token      TEXT,
    webhook_expires_at INTEGER,
    last_pulled_at     INTEGER,
    UNIQUE (calendar_id, integration_id, remote_calendar_id),
    CHECK ((webhook_id IS NULL) = (webhook_resource IS NULL)
       AND (webhook_id IS NULL) = (webhook_token IS NULL)
       AND (webhook_id IS NULL) = (webhook_expires_at IS NULL))
) STRICT;

CREATE INDEX link_by_integration ON link (integration_id);

-- A single event, the master of a series, or one overridden occurrence of a series.
--
-- content is the whole of it; the other columns are drawn from it to be searched. The span, from starts_at to ends_at
-- (NULL: without end), holds every appearance of the row for every reader on Earth: whole days and floating times are
-- widened, and a series reaches to the end of its last occurrence. span_class says how long the span is, in classes
-- that grow by a factor, so that all that overlaps a window is found with one short range of the index for each class;
-- its index has all that the search asks for, even the deleted_at that is always NULL in it, so that no row is touched
-- before it is known to be wanted.
--
-- A deleted row stays until every remote has heard of it. Of one occurrence there is at most one override that is not
-- deleted; a UID is not unique, for providers do hold two events of one UID. An override may be written before its
-- master within a transaction.
CREATE TABLE event (
    id                 TEXT    NOT NULL PRIMARY KEY,
    calendar_id        TEXT    NOT NULL REFERENCES calendar (id) ON DELETE CASCADE,
    uid                TEXT    NOT NULL,
    series_id          TEXT             REFERENCES event (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    original_start_key TEXT,
    -- Older versions of SQLite take NULL for invalid JSON.
    original_start     TEXT             CHECK (original_start IS NULL OR json_valid(original_start)),
    is_series          INTEGER NOT NULL DEFAULT 0 CHECK (is_series IN (0, 1)),
    title              TEXT    NOT NULL DEFAULT '',
    content            TEXT    NOT NULL,
    starts_at          INTEGER NOT NULL,
    ends_at            INTEGER,
    span_class         INTEGER NOT NULL,
    revision           INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    deleted_at         INTEGER,
    CHECK ((series_id IS NULL) = (original_start_key IS NULL) AND (series_id IS NULL) = (original_start IS NULL)),
    CHECK (ends_at IS NULL OR ends_at >= starts_at)
) STRICT;

CREATE INDEX event_by_span ON event (span_class, starts_at, ends_at, calendar_id, deleted_at)
    WHERE deleted_at IS NULL;
CREATE INDEX event_by_uid ON event (calendar_id, uid);
CREATE INDEX event_by_series ON event (series_id, original_start_key) WHERE series_id IS NOT NULL;
CREATE UNIQUE INDEX event_one_override ON event (series_id, original_start_key)
    WHERE series_id IS NOT NULL AND deleted_at IS NULL;

-- How one event stands with one link. base is the last state on which both sides agreed; conflict_data is what a merge
-- set aside; generation is the full listing that last named the event; incarnation counts the identities that had to
-- be chosen at the remote. An external id names one event only: this is what keeps events from being duplicated.
CREATE TABLE event_sync (
    event_id       TEXT    NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    link_id        TEXT    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    external_id    TEXT,
    status         TEXT    NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SYNCED', 'CONFLICT', 'FAILED')),
    last_synced_at INTEGER,
    last_error     TEXT,
    retry_count    INTEGER NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    local_version  INTEGER NOT NULL DEFAULT 0,
    remote_version TEXT,
    base           TEXT,
    conflict_data  TEXT,
    generation     INTEGER NOT NULL DEFAULT 0,
    incarnation    INTEGER NOT NULL DEFAULT 0 CHECK (incarnation >= 0),
    UNIQUE (event_id, link_id),
    UNIQUE (link_id, external_id)
) STRICT;

CREATE INDEX event_sync_in_conflict ON event_sync (event_id, link_id) WHERE status = 'CONFLICT';

-- The outbox: marks that an event is to be brought to a link. Of one event and link there is at most one row that
-- waits or was given up, and at most one that is being carried out.
CREATE TABLE sync_queue (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    event_id      TEXT    NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    link_id       TEXT    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    operation     TEXT    NOT NULL CHECK (operation IN ('UPSERT', 'DELETE')),
    payload       TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(payload)),
    status        TEXT    NOT NULL DEFAULT 'PENDING'
                          CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')),
    priority      INTEGER NOT NULL DEFAULT 0,
    retry_count   INTEGER NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    max_retries   INTEGER NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    last_error    TEXT,
    scheduled_for INTEGER NOT NULL,
    processed_at  INTEGER,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX sync_queue_due ON sync_queue (priority DESC, id, scheduled_for, link_id, event_id)
    WHERE status = 'PENDING';
CREATE UNIQUE INDEX sync_queue_one_waiting ON sync_queue (event_id, link_id) WHERE status IN ('PENDING', 'FAILED');
CREATE UNIQUE INDEX sync_queue_one_processing ON sync_queue (event_id, link_id) WHERE status = 'PROCESSING';
CREATE INDEX sync_queue_open ON sync_queue (link_id, status, created_at) WHERE status <> 'COMPLETED';
-- Completed rows too, so that deleting an event finds all of its own without reading the table.
CREATE INDEX sync_queue_by_event ON sync_queue (event_id, link_id);

-- The history of synchronisation. It outlives what it tells of, hence no references.
CREATE TABLE sync_log (
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    integration_id TEXT,
    link_id        TEXT,
    event_id       TEXT,
    action         TEXT    NOT NULL
                           CHECK (action IN ('PULL', 'CREATE', 'UPDATE', 'DELETE', 'WEBHOOK', 'SIGN_IN')),
    outcome        TEXT    NOT NULL CHECK (outcome IN ('SUCCEEDED', 'CONFLICT', 'RETRIED', 'FAILED')),
    duration_ms    INTEGER NOT NULL DEFAULT 0,
    detail         TEXT    NOT NULL DEFAULT 'null' CHECK (json_valid(detail))
) STRICT;

CREATE INDEX sync_log_by_time ON sync_log (at);

-- Small things to remember, as JSON.
CREATE TABLE setting (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
