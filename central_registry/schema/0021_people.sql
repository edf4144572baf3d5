-- Associations and firms that part, and what people and agents need beside 0010.

-- The end of a membership, asked by either side: from `ends_on` (a day of Beijing) on; `done_at` when it was carried out,
-- which is when `membership.ended_at` is set.
CREATE TABLE membership_end (
    association TEXT        NOT NULL,
    party       TEXT        NOT NULL,
    asked_at    TIMESTAMPTZ NOT NULL,
    ends_on     DATE        NOT NULL,
    reason      TEXT        NOT NULL,
    person      TEXT        NOT NULL,
    by_party    TEXT        NOT NULL,
    done_at     TIMESTAMPTZ,
    PRIMARY KEY (association, party, asked_at)
);
CREATE INDEX membership_end_open ON membership_end (ends_on) WHERE done_at IS NULL;

-- When a lease was ended before its day, since its association and its firm parted or it is to be lowered: it is not renewed.
-- `keep`: what its agent is to have in all once it has said what it did not use. Both NULL again with the next lease.
ALTER TABLE lease
    ADD COLUMN parted_at TIMESTAMPTZ,
    ADD COLUMN keep      BIGINT;

-- A party that somebody else has to be asked about before an association has it: its own people, or another association.
CREATE FUNCTION fence_claimed(whom text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM person p WHERE p.party = whom AND p.left_at IS NULL)
        OR EXISTS (SELECT FROM membership m
            WHERE m.party = whom AND m.association IS DISTINCT FROM fence_party() AND m.ended_at IS NULL)
$$;

-- Whether it has an officer: whoever asks it to join is told that there is nobody to ask, and nothing else of its people.
CREATE FUNCTION fence_has_officer(whom text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM person p WHERE p.party = whom AND p.left_at IS NULL AND 'officer' = ANY(p.roles)) $$;

-- As in 0011, but that a membership which ended shows nothing more: who left goes on without being watched.
CREATE OR REPLACE FUNCTION firms_seen(who TEXT, kind TEXT, today BOOLEAN DEFAULT false) RETURNS TABLE (firm TEXT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT who
    UNION SELECT p.party FROM party p WHERE firms_seen.kind = 'operator' AND NOT today
    UNION SELECT m.party FROM membership m
        WHERE firms_seen.kind = 'association' AND m.association = who AND m.ended_at IS NULL
    UNION SELECT 'unassigned' WHERE firms_seen.kind = 'association'
    UNION SELECT m.party FROM membership mine JOIN membership m ON m.association = mine.association
        WHERE firms_seen.kind IN ('lab', 'inspector') AND mine.party = who AND mine.ended_at IS NULL
            AND m.ended_at IS NULL
$$;

-- The whole chain of the audit walked for somebody who may see some of its rows: how many links hold, the last hash of
-- these, and the first row that does not follow the one before it (NULL: all do). It tells nothing else of a row.
-- The text is what central_registry/parties/audit.py hashes: RFC 8785, whose escapes of text are those of to_json.
CREATE FUNCTION fence_audit_walk() RETURNS TABLE (links bigint, last bytea, flaw bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH walked AS (
        SELECT n, hash, lag(n, 1, 0::bigint) OVER w AS before, sha256(
            lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER w || convert_to(
                '{"about":' || to_json(about) || ',"act":' || to_json(act) || ',"at":"'
                || replace(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') || '+00:00"'
                || ',"concerns":' || to_json(concerns) || ',"detail":' || to_json(detail)
                || ',"four_eyes":' || to_json(four_eyes) || ',"how":' || to_json(how) || ',"n":' || n
                || ',"party":' || to_json(party) || ',"person":' || to_json(person) || '}', 'UTF8')) AS right_one
        FROM audit WINDOW w AS (ORDER BY n)
    ), broken AS (SELECT min(n) AS n FROM walked WHERE hash <> right_one OR n <> before + 1)
    SELECT count(w.n), (array_agg(w.hash ORDER BY w.n DESC))[1], b.n
    FROM broken b LEFT JOIN walked w ON b.n IS NULL OR w.n < b.n GROUP BY b.n
$$;

-- The secret of an agent changes without a token: since when it has the one that it has (NULL: since it was enrolled), the
-- next one, good beside it until it is shown, and when a person asked for a change.
ALTER TABLE agent
    ADD COLUMN secret_at        TIMESTAMPTZ,
    ADD COLUMN next_secret_hash BYTEA,
    ADD COLUMN next_secret_at   TIMESTAMPTZ,
    ADD COLUMN rotate_asked_at  TIMESTAMPTZ;

-- Tries of logins that nobody has, counted in a few rows: a try costs a write whether or not there is such a login.
CREATE TABLE login_stranger (
    n     INT PRIMARY KEY,
    tries BIGINT NOT NULL
);

-- How many of a person's wrong tries cost no more waits: those of before an hour without any.
ALTER TABLE person ADD COLUMN failures_forgotten BIGINT NOT NULL DEFAULT 0;
