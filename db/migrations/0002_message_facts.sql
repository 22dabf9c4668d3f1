ALTER TABLE message ADD COLUMN session_id      INTEGER;
ALTER TABLE message ADD COLUMN ret             TEXT;
ALTER TABLE message ADD COLUMN envid           TEXT;
ALTER TABLE message ADD COLUMN client_tls      TEXT;
ALTER TABLE message ADD COLUMN client_cipher   TEXT;
ALTER TABLE message ADD COLUMN client_username TEXT;
ALTER TABLE message ADD COLUMN tags            TEXT;
ALTER TABLE message ADD COLUMN warnings        TEXT;
