-- The calendars of an account as its service last listed them, linked or not, so that what is new, renamed, gone or
-- otherwise shared is noticed, and a choice can be offered without the network.
--
-- resting_since is set while the link to it rests, because the account cannot see it any more or not use it as the link
-- needs; held_back is the way its link went before the account lost the right to write. former_calendar_id is the local
-- calendar that was last linked with it, so that a calendar which is chosen again takes up where it was left.
CREATE TABLE remote_calendar (
    integration_id    TEXT    NOT NULL REFERENCES calendar_integration (id) ON DELETE CASCADE,
    id                TEXT    NOT NULL,
    name              TEXT    NOT NULL DEFAULT '',
    color             TEXT,
    time_zone         TEXT,
    access            TEXT    NOT NULL CHECK (access IN ('free_busy', 'reader', 'writer', 'owner')),
    is_primary        INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    default_reminders TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(default_reminders)),
    is_new            INTEGER NOT NULL DEFAULT 0 CHECK (is_new IN (0, 1)),
    resting_since     INTEGER,
    held_back         TEXT    CHECK (held_back IN ('bidirectional', 'pull_only', 'push_only')),
    former_calendar_id TEXT   REFERENCES calendar (id) ON DELETE SET NULL,
    PRIMARY KEY (integration_id, id)
) STRICT, WITHOUT ROWID;
