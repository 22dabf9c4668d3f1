ALTER TABLE inbox ADD COLUMN cleared_to INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN swept_to   INTEGER NOT NULL DEFAULT 0;

CREATE INDEX inbox_cleared ON inbox (id) WHERE swept_to < cleared_to;

DROP TRIGGER message_marked;

CREATE TRIGGER message_marked AFTER UPDATE OF is_read ON message BEGIN
    UPDATE inbox
    SET unread_count = unread_count + (NOT NEW.is_read) - (NOT OLD.is_read)
    WHERE id = NEW.inbox_id AND cleared_to < NEW.id;
END;

DROP TRIGGER message_removed;

CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    DELETE FROM chunk WHERE id BETWEEN OLD.id * 65536 AND OLD.id * 65536 + 65535;
    UPDATE inbox
    SET message_count = message_count - 1,
        unread_count  = unread_count - (NOT OLD.is_read),
        size_bytes    = size_bytes - OLD.size
    WHERE id = OLD.inbox_id AND cleared_to < OLD.id;
END;

DROP TRIGGER message_was_last;

CREATE TRIGGER message_was_last AFTER DELETE ON message WHEN OLD.session_id IS NOT NULL BEGIN
    DELETE FROM session
    WHERE id = OLD.session_id AND ended_at IS NOT NULL AND message_count > 0
      AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = OLD.session_id);
END;
