ALTER TABLE account ADD COLUMN max_messages    INTEGER;
ALTER TABLE account ADD COLUMN max_age_seconds INTEGER;
ALTER TABLE account ADD COLUMN max_bytes       INTEGER;

ALTER TABLE inbox ADD COLUMN pruned_count INTEGER NOT NULL DEFAULT 0;
