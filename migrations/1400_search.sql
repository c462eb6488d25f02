-- Finding events by words: what an event says, word by word, kept current by triggers whoever writes to event.
--
-- Each event has a number of its own here, for VACUUM, and so every backup, may give the rows of event other rowids.
-- A deleted event keeps its number until its row goes, and has no words.
CREATE TABLE event_search_number (
    number   INTEGER NOT NULL PRIMARY KEY,
    event_id TEXT    NOT NULL UNIQUE
) STRICT;

-- unicode61 takes upper for lower case; with remove_diacritics 2 “uber” finds “Über”. The prefixes are those that
-- somebody has typed who has hardly begun.
CREATE VIRTUAL TABLE event_search USING fts5 (
    title, location, description, guests,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3'
);

-- The words of what is not deleted. Guests are found by name and by address.
CREATE VIEW event_search_text AS
SELECT
    event_search_number.number,
    event.id AS event_id,
    event.title,
    coalesce(event.content ->> 'location', '') AS location,
    coalesce(event.content ->> 'description', '') AS description,
    coalesce((
        SELECT group_concat(coalesce(guest.value ->> 'name', '') || ' ' || coalesce(guest.value ->> 'email', ''), ' ')
        FROM json_each(event.content, '$.attendees') AS guest
    ), '') AS guests
FROM event
JOIN event_search_number ON event_search_number.event_id = event.id
WHERE event.deleted_at IS NULL;

CREATE TRIGGER event_search_insert AFTER INSERT ON event BEGIN
    INSERT INTO event_search_number (event_id) VALUES (new.id);
    INSERT INTO event_search (rowid, title, location, description, guests)
        SELECT number, title, location, description, guests FROM event_search_text WHERE event_id = new.id;
END;

CREATE TRIGGER event_search_update AFTER UPDATE OF title, content, deleted_at ON event
WHEN new.title IS NOT old.title OR new.content IS NOT old.content
    OR (new.deleted_at IS NULL) IS NOT (old.deleted_at IS NULL)
BEGIN
    DELETE FROM event_search WHERE rowid = (SELECT number FROM event_search_number WHERE event_id = new.id);
    INSERT INTO event_search (rowid, title, location, description, guests)
        SELECT number, title, location, description, guests FROM event_search_text WHERE event_id = new.id;
END;

CREATE TRIGGER event_search_delete AFTER DELETE ON event BEGIN
    DELETE FROM event_search WHERE rowid = (SELECT number FROM event_search_number WHERE event_id = old.id);
    DELETE FROM event_search_number WHERE event_id = old.id;
END;

-- What is there already.
INSERT INTO event_search_number (event_id) SELECT id FROM event;
INSERT INTO event_search (rowid, title, location, description, guests)
    SELECT number, title, location, description, guests FROM event_search_text;
