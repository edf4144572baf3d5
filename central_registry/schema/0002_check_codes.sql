-- Check codes (防伪码, docs/check-code.md).

-- Master secrets, one for each rotation; an issuer's key is derived from one of them. They live here and not in a file
-- beside the database, so that every dump holds them with the labels they belong to: a lost secret would make each code
-- printed under it one that nobody can check. `key_id` is random: a registry restored from an old dump must not give
-- the name of a secret it lost to another one. meta 'check_key' names the one that new jobs take.
CREATE TABLE check_key (
    key_id  TEXT        PRIMARY KEY,
    secret  BYTEA       NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);

-- What became of codes that consumers typed: how often the right one, how often a wrong one within the hour that began
-- with `wrong_since`. Nothing about who or where, and not what was typed.
CREATE TABLE check_try (
    serial         TEXT        PRIMARY KEY,
    right_first_at TIMESTAMPTZ,
    right_times    BIGINT      NOT NULL,
    wrong_since    TIMESTAMPTZ NOT NULL,
    wrong_times    BIGINT      NOT NULL
);
