CREATE TABLE inbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    created_at      INTEGER NOT NULL,
    message_count   INTEGER NOT NULL DEFAULT 0,
    unread_count    INTEGER NOT NULL DEFAULT 0,
    size_bytes      INTEGER NOT NULL DEFAULT 0,
    last_message_at INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO inbox (id, name, created_at)
VALUES (1, 'default', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));

CREATE TABLE message (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox_id      INTEGER NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
    received_at   INTEGER NOT NULL,
    size          INTEGER NOT NULL,
    is_read       INTEGER NOT NULL DEFAULT 0,
    is_pinned     INTEGER NOT NULL DEFAULT 0,
    envelope_from TEXT    NOT NULL,
    recipients    TEXT    NOT NULL,
    body          TEXT,
    smtputf8      INTEGER NOT NULL,
    client_ip     TEXT    NOT NULL,
    client_helo   TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,
    date          INTEGER,
    preview       TEXT    NOT NULL,
    addresses     TEXT    NOT NULL,
    text_part     INTEGER,
    html_part     INTEGER,
    parts         TEXT    NOT NULL
) STRICT;

CREATE INDEX message_by_inbox ON message (inbox_id);

CREATE TABLE chunk (
    id    INTEGER PRIMARY KEY,
    codec INTEGER NOT NULL,
    bytes BLOB    NOT NULL
) STRICT;

CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE inbox
    SET message_count   = message_count + 1,
        unread_count    = unread_count + (NOT NEW.is_read),
        size_bytes      = size_bytes + NEW.size,
        last_message_at = max(last_message_at, NEW.received_at)
    WHERE id = NEW.inbox_id;
END;

CREATE TRIGGER message_marked AFTER UPDATE OF is_read ON message BEGIN
    UPDATE inbox
    SET unread_count = unread_count + (NOT NEW.is_read) - (NOT OLD.is_read)
    WHERE id = NEW.inbox_id;
END;

CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    DELETE FROM chunk WHERE id BETWEEN OLD.id * 65536 AND OLD.id * 65536 + 65535;
    UPDATE inbox
    SET message_count = message_count - 1,
        unread_count  = unread_count - (NOT OLD.is_read),
        size_bytes    = size_bytes - OLD.size
    WHERE id = OLD.inbox_id;
END;
