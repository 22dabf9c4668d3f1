CREATE TABLE words (
    id    INTEGER PRIMARY KEY,
    size  INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    bytes BLOB    NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (
    terms,
    content = '', columnsize = 0, detail = none,
    tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

INSERT INTO search (search, rank)
VALUES ('automerge', 8), ('crisismerge', 16), ('hashsize', 4194304);

CREATE TABLE indexing (
    indexed_to INTEGER NOT NULL,
    unread_to  INTEGER NOT NULL
) STRICT;

INSERT INTO indexing SELECT coalesce(max(id), 0), coalesce(max(id), 0) FROM message;

CREATE TRIGGER words_removed AFTER DELETE ON message BEGIN
    DELETE FROM words WHERE id = OLD.id;
END;
