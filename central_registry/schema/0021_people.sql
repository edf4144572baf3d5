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

-- When the association that gave a lease and its firm parted: it is not renewed. NULL again with the next lease.
ALTER TABLE lease ADD COLUMN parted_at TIMESTAMPTZ;

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
