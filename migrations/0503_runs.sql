-- Which pull of which link brought a change in, so that all that one pull did can be looked at and taken back together.
-- A pull is named by its link and the moment it began.
ALTER TABLE event_history ADD COLUMN link_id TEXT;
ALTER TABLE event_history ADD COLUMN run_at INTEGER;

CREATE INDEX event_history_by_run ON event_history (run_at, link_id) WHERE run_at IS NOT NULL;
