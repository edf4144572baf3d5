-- The registry's tables. Rules that keep the door open to Citus, YugabyteDB and CockroachDB (only PostgreSQL was run):
-- uniqueness is always the primary key and holds the column one would distribute by (the first one); no sequences,
-- triggers, advisory locks, cross-table foreign keys or PARTITION BY here; ids are made by clients or are hashes; no
-- index starts with a time. A sharded site adds its own overlay on top: distribute `serial` by serial, `drawing` by
-- draw, all others by agent; on plain PostgreSQL, hash partitions of `serial` pay from about 10^9 rows on.

-- Single values: 'epoch' (changes when the registry finds that it lost data), 'feed' (last number given to a feed item).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- An agent is an identity, not a machine. Secrets are kept as SHA-256 of 256 random bits: nothing to guess, so no salt.
CREATE TABLE agent (
    agent               TEXT PRIMARY KEY,
    issuer              TEXT NOT NULL,
    name                TEXT NOT NULL DEFAULT '',
    fingerprint         TEXT NOT NULL DEFAULT '',
    token_hash          BYTEA,
    secret_hash         BYTEA,
    created_at          TIMESTAMPTZ NOT NULL,
    enrolled_at         TIMESTAMPTZ,
    seen_at             TIMESTAMPTZ,
    lost_at             TIMESTAMPTZ,
    cloned_at           TIMESTAMPTZ,
    checked_epoch       TEXT NOT NULL DEFAULT '',
    claimed_incarnation TEXT,
    claimed_seq         BIGINT NOT NULL DEFAULT 0
);

-- Three characters that start every serial of an agent. Its own table, so that uniqueness is a primary key.
CREATE TABLE issuer (
    issuer TEXT PRIMARY KEY,
    agent  TEXT NOT NULL
);

-- Lives of an agent's ledger in order, each with the end of what is known of it. The highest ordinal is the living one.
CREATE TABLE incarnation (
    agent       TEXT   NOT NULL,
    incarnation TEXT   NOT NULL,
    ordinal     BIGINT NOT NULL,
    parent      TEXT,
    parent_seq  BIGINT NOT NULL DEFAULT 0,
    fingerprint TEXT   NOT NULL DEFAULT '',
    seq         BIGINT NOT NULL,
    hash        BYTEA  NOT NULL,
    began_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (agent, incarnation)
);

-- The agents' own words: canonical bytes as hashed (docs/ledger-format.md).
CREATE TABLE edge_event (
    agent       TEXT   NOT NULL,
    incarnation TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    hash        BYTEA  NOT NULL,
    body        BYTEA  NOT NULL,
    PRIMARY KEY (agent, incarnation, seq)
);

-- Events an agent told again after a fork, by the hash they had there: what was told once is not projected twice.
CREATE TABLE retold (
    agent TEXT  NOT NULL,
    hash  BYTEA NOT NULL,
    PRIMARY KEY (agent, hash)
);

CREATE TABLE snapshot (
    hash TEXT  PRIMARY KEY,
    body BYTEA NOT NULL
);

-- One row per window_sending event, named by that event's hash (of its first telling, where it was told again).
CREATE TABLE drawing (
    draw      BYTEA PRIMARY KEY,
    agent     TEXT   NOT NULL,
    window_id TEXT   NOT NULL,
    job       TEXT   NOT NULL,
    snapshot  TEXT   NOT NULL,
    quota_key TEXT   NOT NULL,
    gtin      TEXT   NOT NULL,
    lot_no    TEXT,
    sent_at   TEXT   NOT NULL,
    serials   TEXT[] NOT NULL
);
CREATE INDEX drawing_by_window ON drawing (agent, window_id);
CREATE INDEX drawing_by_quota ON drawing (quota_key, agent);

-- The one place where a serial is unique in the world. `draw` says which event made it: the same draw again is a
-- replay, another draw is a conflict. `state` is an index into central_registry.states.STATES.
CREATE TABLE serial (
    serial TEXT PRIMARY KEY,
    draw   BYTEA    NOT NULL,
    state  SMALLINT NOT NULL
);

-- A serial that a drawing event claimed although another one, or the same one a second time, had it first.
CREATE TABLE conflict (
    agent       TEXT   NOT NULL,
    incarnation TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    serial      TEXT   NOT NULL,
    draw        BYTEA  NOT NULL,
    held_by     TEXT   NOT NULL,
    held_draw   BYTEA  NOT NULL,
    found_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (agent, incarnation, seq, serial)
);

-- Running sums per agent and quota key: `freed` counts scrapped and invalid ones.
CREATE TABLE quota_use (
    agent     TEXT   NOT NULL,
    quota_key TEXT   NOT NULL,
    drawn     BIGINT NOT NULL,
    freed     BIGINT NOT NULL,
    PRIMARY KEY (agent, quota_key)
);

-- What is fed down. agent '*' is everybody. A changed item keeps its row and gets a new number, so a feed never grows
-- beyond what is true now. `quantity` is set for allotments only.
CREATE TABLE feed_item (
    agent    TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    key      TEXT   NOT NULL,
    n        BIGINT NOT NULL,
    quantity BIGINT,
    body     TEXT   NOT NULL,
    PRIMARY KEY (agent, kind, key)
);

-- `id` is a hash of what the alarm is about: the same thing found again counts up instead of piling up.
CREATE TABLE alarm (
    agent     TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    about     TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    first_at  TIMESTAMPTZ NOT NULL,
    last_at   TIMESTAMPTZ NOT NULL,
    times     BIGINT NOT NULL,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (agent, id)
);

-- Consumers' scans: a first time and a count per serial, nothing about who or where (standards reference, section 5).
CREATE TABLE scan (
    serial   TEXT PRIMARY KEY,
    first_at TIMESTAMPTZ NOT NULL,
    last_at  TIMESTAMPTZ NOT NULL,
    times    BIGINT NOT NULL
);
