-- Where garments are: what was told of it, a row a unit named, never changed. A unit is a serial, a carton's SSCC (18
-- digits), or a carton of a site that has no such number yet ('agent/carton'); `carton` is what it was packed into, and a
-- carton whose SSCC came later lies "in" it. So one row ships a carton, and none is written for each garment in it. Whether
-- a row moved anything is no column: another one told later may be what it rests on (central_registry/place/custody.py).
-- `by_right`: 'holder', to be shown by custody; 'office', of who may sample; 'none', of a revoked agent, which moves nothing.
CREATE TABLE place_event (
    unit     TEXT        NOT NULL,
    n        BIGINT      GENERATED ALWAYS AS IDENTITY,
    at       TIMESTAMPTZ NOT NULL,
    told_at  TIMESTAMPTZ NOT NULL,
    kind     TEXT        NOT NULL,
    party    TEXT        NOT NULL,
    by_right TEXT        NOT NULL,
    carton   TEXT        NOT NULL DEFAULT '',
    waybill  TEXT        NOT NULL DEFAULT '',
    to_party TEXT        NOT NULL DEFAULT '',
    agent    TEXT        NOT NULL DEFAULT '',
    person   TEXT        NOT NULL DEFAULT '',
    PRIMARY KEY (unit, n)
);
CREATE INDEX place_event_by_carton ON place_event (carton) WHERE carton <> '';
CREATE INDEX place_event_by_waybill ON place_event (waybill, party) WHERE waybill <> '';

-- All that was told of a unit and of what it lay in, four deep, past the fence: custody judged by what somebody may see
-- would move what is another's. It answers for a serial of the asker's, and where a row is from or to them.
CREATE FUNCTION fence_place_trail(asked TEXT) RETURNS SETOF place_event
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH RECURSIVE inside (unit, depth) AS (
        SELECT asked, 0
        UNION SELECT e.carton, i.depth + 1 FROM inside i JOIN place_event e ON e.unit = i.unit
            WHERE e.carton <> '' AND i.depth < 4
    ), trail AS (
        SELECT e.* FROM place_event e WHERE e.unit IN (SELECT unit FROM inside)
    )
    SELECT * FROM trail WHERE fence_sees_all()
        OR EXISTS (SELECT FROM serial s JOIN drawing d ON d.draw = s.draw LEFT JOIN quota_key q ON q.quota_key = d.quota_key
            WHERE s.issuer = left(asked, 3) AND s.serial = asked
            AND (q.firm = ANY (fence_parties()) OR d.agent = ANY (fence_own_agents())))
        OR EXISTS (SELECT FROM trail t WHERE t.by_right <> 'none'
            AND (t.party = ANY (fence_parties()) OR t.to_party = ANY (fence_parties())))
    ORDER BY n
$$;

-- Who has a serial before anything is told of its place: the firm of its allotment and whose agent printed it.
CREATE FUNCTION fence_place_origin(asked TEXT) RETURNS TABLE (firm TEXT, printer TEXT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(q.firm, ''), coalesce(a.owner, '')
    FROM serial s JOIN drawing d ON d.draw = s.draw LEFT JOIN quota_key q ON q.quota_key = d.quota_key
    LEFT JOIN agent a ON a.agent = d.agent
    WHERE s.issuer = left(asked, 3) AND s.serial = asked
$$;

-- A receiver is named by its number and need not be seen: two firms that trade are nobody's of each other.
CREATE FUNCTION fence_place_knows(asked TEXT) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM party WHERE party = asked) $$;

-- Those of these serials that are of goods which the asker may look at: a lab sees no label, and samples one.
CREATE FUNCTION fence_place_goods(asked TEXT[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT s.serial FROM unnest(asked) AS one JOIN serial s ON s.issuer = left(one, 3) AND s.serial = one
    JOIN drawing d ON d.draw = s.draw JOIN quota_key q ON q.quota_key = d.quota_key
    WHERE q.firm = ANY (fence_goods())
$$;
