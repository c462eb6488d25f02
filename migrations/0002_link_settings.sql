-- What was agreed with the person about one link, in the provider's own form: for Notion, which property holds which
-- field. Whatever it is, it says nothing that must be kept secret.
ALTER TABLE link ADD COLUMN settings TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(settings));
