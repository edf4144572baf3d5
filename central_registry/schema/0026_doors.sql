-- Doors that stood ajar: what is shown, read and kept by whom.

-- The secret that an agent had before the one it has, and since when that one is proven (NULL: not since it was enrolled);
-- when the old one was last shown, by a copy of its disk.
ALTER TABLE agent
    ADD COLUMN old_secret_hash BYTEA,
    ADD COLUMN proven_at       TIMESTAMPTZ,
    ADD COLUMN old_shown_at    TIMESTAMPTZ;

-- An end that was to come and does not: taken back before its day, by who asked for it.
ALTER TABLE membership_end ADD COLUMN taken_back_at TIMESTAMPTZ, ADD COLUMN taken_back_by TEXT NOT NULL DEFAULT '';

-- As in 0015, but that an ended membership is none: what stands in the association's own name (its orders, decisions,
-- imports, rows of the audit) it goes on reading, of its former member's rows nothing.
CREATE OR REPLACE FUNCTION fence_parties() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT array_agg(mine.party) FROM (
        SELECT fence_party() AS party
        UNION SELECT party FROM membership
            WHERE association = fence_party() AND ended_at IS NULL AND fence_kind() = 'association'
        UNION SELECT 'unassigned' WHERE fence_kind() = 'association'
        UNION SELECT other.party FROM membership own JOIN membership other USING (association)
            WHERE own.party = fence_party() AND own.ended_at IS NULL AND other.ended_at IS NULL
                AND fence_kind() = 'inspector'
        UNION SELECT party FROM party WHERE kind = 'association' AND fence_kind() = 'operator'
    ) AS mine
$$;

CREATE OR REPLACE FUNCTION fence_goods() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT CASE fence_kind() WHEN 'lab' THEN (
        SELECT array_agg(other.party) FROM membership own JOIN membership other USING (association)
        WHERE own.party = fence_party() AND own.ended_at IS NULL AND other.ended_at IS NULL
    ) ELSE fence_parties() END
$$;

-- Whose a lot or a style is that is distributed: of its body, which says so where it is a firm's; of before firms nobody's.
-- A body that cannot be read is nobody's.
CREATE FUNCTION fence_firm_of(body TEXT) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN coalesce(body::jsonb ->> 'firm', 'unassigned');
EXCEPTION WHEN OTHERS THEN RETURN '';
END $$;
