-- Items of a remote calendar that could not be read: counted in the account's state, and left as they are over there.
-- An item that is read again, or gone, leaves the table; so does, at the end of a full listing, what it did not name.
CREATE TABLE unreadable (
    link_id     TEXT    NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    -- What came without an id is kept under the empty one.
    external_id TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    found_at    INTEGER NOT NULL,
    generation  INTEGER NOT NULL,
    PRIMARY KEY (link_id, external_id)
) STRICT, WITHOUT ROWID;
