CREATE TABLE session (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_id        INTEGER NOT NULL DEFAULT 1 REFERENCES inbox (id) ON DELETE SET DEFAULT,
    started_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    outcome         TEXT,
    client_ip       TEXT    NOT NULL,
    client_port     INTEGER NOT NULL,
    client_helo     TEXT    NOT NULL,
    client_tls      TEXT,
    client_cipher   TEXT,
    is_tls_implicit INTEGER NOT NULL,
    client_username TEXT,
    bytes_in        INTEGER NOT NULL DEFAULT 0,
    bytes_out       INTEGER NOT NULL DEFAULT 0,
    message_count   INTEGER NOT NULL DEFAULT 0,
    is_truncated    INTEGER NOT NULL DEFAULT 0,
    warnings        TEXT,
    opening         BLOB,
    closing         BLOB
) STRICT;

CREATE INDEX session_by_inbox ON session (inbox_id);

CREATE INDEX session_open ON session (id) WHERE ended_at IS NULL;

CREATE INDEX session_silent ON session (id) WHERE message_count = 0 AND ended_at IS NOT NULL;

ALTER TABLE message ADD COLUMN client_port     INTEGER;
ALTER TABLE message ADD COLUMN is_tls_implicit INTEGER;
ALTER TABLE message ADD COLUMN dialogue        BLOB;

CREATE INDEX message_by_session ON message (session_id) WHERE session_id IS NOT NULL;

CREATE TRIGGER message_was_last AFTER DELETE ON message WHEN OLD.session_id IS NOT NULL BEGIN
    DELETE FROM session
    WHERE id = OLD.session_id AND ended_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = OLD.session_id);
END;
