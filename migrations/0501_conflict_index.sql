-- Conflicts that a policy has decided are kept until the person has looked, so the list asks for all that are kept.
CREATE INDEX event_sync_with_conflict ON event_sync (event_id, link_id) WHERE conflict_data IS NOT NULL;
