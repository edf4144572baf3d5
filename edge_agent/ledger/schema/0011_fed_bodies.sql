-- Lots, styles and certificates that the registry fed, by the SHA-256 of their canonical JSON: events hold the hash. As with
-- snapshots, what is told from these rows is told from the events, so none is ever dropped.
CREATE TABLE fed_body (sha256 TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
