CREATE TABLE fault_plan (
    inbox_id INTEGER PRIMARY KEY,
    plan     TEXT NOT NULL
) STRICT;
