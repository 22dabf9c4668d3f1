-- What went wrong in a session is found without looking at all that went well.
ALTER TABLE session ADD COLUMN is_failed       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN refused_command TEXT;
ALTER TABLE session ADD COLUMN refused_reply   TEXT;

UPDATE session SET is_failed = 1
WHERE outcome <> 'quit' AND NOT (outcome = 'dropped' AND message_count > 0);

CREATE INDEX session_failed ON session (id) WHERE is_failed;
CREATE INDEX session_failed_by_inbox ON session (inbox_id) WHERE is_failed;
