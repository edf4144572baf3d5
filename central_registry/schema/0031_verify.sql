-- Keys by which marketplaces ask what the registry knows of codes: their name, and a hash of their secret, which is 256
-- random bits, so that nothing slower than SHA-256 is needed. `association` gave it to `party`.
CREATE TABLE verify_key (
    verify_key  TEXT        PRIMARY KEY,
    association TEXT        NOT NULL,
    party       TEXT        NOT NULL,
    secret_hash BYTEA       NOT NULL,
    note        TEXT        NOT NULL,
    per_minute  INT         NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL,
    ends_at     TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    person      TEXT        NOT NULL
);
CREATE INDEX verify_key_by_party ON verify_key (party);
