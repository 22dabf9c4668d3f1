CREATE TABLE account (
    inbox_id   INTEGER PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
    username   TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password   TEXT,
    api_token  TEXT,
    token_hash BLOB    UNIQUE,
    recipients TEXT    NOT NULL DEFAULT '[]',
    expires_at INTEGER
) STRICT;

CREATE INDEX account_by_expiry ON account (expires_at) WHERE expires_at IS NOT NULL;

INSERT INTO account (inbox_id, username) SELECT id, name FROM inbox;
