-- People, badges and tokens of one site. Codes and PINs stand here as hashes alone.
-- `name` is emptied when somebody is forgotten; `person_id` stays, because events name it.

CREATE TABLE person (
    person_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin TEXT,
    wrong_pins INTEGER NOT NULL DEFAULT 0,
    locked_until_s REAL NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL,
    left_at TEXT
) STRICT;

CREATE TABLE badge (
    badge TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES person,
    issued_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

CREATE TABLE token (
    token TEXT PRIMARY KEY,
    program_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    added_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
