-- no-transaction
-- A fourth kind of account: a calendar file at an address. A CHECK cannot be widened, so the table is made anew, as
-- https://sqlite.org/lang_altertable.html#otheralter says: what refers to it must not be told that it goes, and that can be
-- arranged outside of a transaction only. Whoever is interrupted begins again from the table as it was.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
CREATE TABLE calendar_integration_new (
    id              TEXT    NOT NULL PRIMARY KEY,
    provider        TEXT    NOT NULL CHECK (provider IN ('google', 'notion', 'caldav', 'microsoft', 'ics')),
    account         TEXT    NOT NULL,
    status          TEXT    NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'needs_sign_in')),
    direction       TEXT    NOT NULL DEFAULT 'bidirectional'
                            CHECK (direction IN ('bidirectional', 'pull_only', 'push_only')),
    settings        TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    created_at      INTEGER NOT NULL,
    last_success_at INTEGER,
    last_error      TEXT
) STRICT;
INSERT INTO calendar_integration_new
    (id, provider, account, status, direction, settings, created_at, last_success_at, last_error)
SELECT id, provider, account, status, direction, settings, created_at, last_success_at, last_error
FROM calendar_integration;
DROP TABLE calendar_integration;
ALTER TABLE calendar_integration_new RENAME TO calendar_integration;
COMMIT;
PRAGMA foreign_keys = ON;
