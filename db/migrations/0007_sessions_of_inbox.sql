CREATE TRIGGER inbox_gone BEFORE DELETE ON inbox BEGIN
    DELETE FROM session
    WHERE inbox_id = OLD.id AND ended_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message WHERE session_id = session.id);
END;
