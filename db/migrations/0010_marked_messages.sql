-- Few messages are pinned or tagged: those that are can be found without looking at all.
CREATE INDEX message_pinned ON message (id) WHERE is_pinned;
CREATE INDEX message_tagged ON message (id) WHERE tags IS NOT NULL;
