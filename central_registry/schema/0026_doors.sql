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

-- A former code that is built like a serial of this registry, folded as a scan is ('' is none): its first three characters
-- are given to no agent, or a code would mean two labels. What was brought before is filled as a superset: check
-- characters are not looked at.
ALTER TABLE former_serial ADD COLUMN own TEXT NOT NULL DEFAULT '';
UPDATE former_serial SET own = found.own FROM (
    SELECT rest AS r, host AS h, translate(upper(regexp_replace(CASE WHEN rest LIKE '/01/%'
        THEN substring(rest FROM '/21/([^/?#]+)') ELSE rest END, '[ -]', '', 'g')), 'ILO', '110') AS own
    FROM former_serial) AS found
WHERE rest = found.r AND host = found.h AND found.own ~ '^[0-9A-Z]{17}$';
CREATE INDEX former_serial_by_issuer ON former_serial (left(own, 3)) WHERE own <> '';

-- Over all associations: which issuers stand on paper already. It tells no code and no name.
CREATE FUNCTION fence_former_issuers() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT coalesce(array_agg(DISTINCT left(own, 3)), '{}') FROM former_serial WHERE own <> '' $$;

-- What an agent handed in of bodies that were not here, on a day of Beijing.
CREATE TABLE fed_body_day (
    agent  TEXT   NOT NULL,
    day    DATE   NOT NULL,
    bodies BIGINT NOT NULL,
    bytes  BIGINT NOT NULL,
    PRIMARY KEY (agent, day)
);
