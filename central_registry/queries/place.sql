-- Statements of central_registry/place: what was told of where garments are.

-- name: place_told_often^
-- The first of these units of which this party has told as often as anybody may.
SELECT unit FROM place_event WHERE unit = ANY(:units::text[]) AND party = :party
GROUP BY unit HAVING count(*) >= :most::bigint ORDER BY unit LIMIT 1;

-- name: place_add!
INSERT INTO place_event (unit, at, told_at, kind, party, by_right, carton, waybill, to_party, agent, person)
SELECT told.unit, least(:at::timestamptz, :told_at::timestamptz), :told_at, :kind, :party, :by_right, :carton, :waybill,
    :to_party, :agent, :person
FROM unnest(:units::text[]) WITH ORDINALITY AS told (unit, nth) ORDER BY told.nth;

-- name: place_trail_of
SELECT unit, n, at, told_at, kind, party, by_right, carton, waybill, to_party, agent FROM fence_place_trail(:unit) ORDER BY n;

-- name: place_origin_of^
SELECT firm, printer FROM fence_place_origin(:serial);

-- name: place_inside
-- What was ever packed into a carton, and into what lay in it; whether it still is there its own trail says.
WITH RECURSIVE inside (unit, depth) AS (
    SELECT unit, 1 FROM place_event WHERE carton = :carton
    UNION SELECT e.unit, i.depth + 1 FROM inside i JOIN place_event e ON e.carton = i.unit WHERE i.depth < 4
)
SELECT DISTINCT unit FROM inside ORDER BY unit LIMIT :rows::bigint;

-- name: place_on_waybill
SELECT DISTINCT unit FROM place_event WHERE waybill = :waybill AND kind = 'shipped' ORDER BY unit LIMIT :rows::bigint;

-- name: place_add_printed!
-- What an agent tells of labels that it printed itself; of others it says nothing.
INSERT INTO place_event (unit, at, told_at, kind, party, by_right, carton, agent)
SELECT told.unit, least(told.at, :told_at::timestamptz), :told_at, told.kind, coalesce(a.owner, ''), :by_right, told.carton,
    a.agent
FROM unnest(:units::text[], :ats::timestamptz[], :kinds::text[], :cartons::text[])
    WITH ORDINALITY AS told (unit, at, kind, carton, nth) JOIN agent a ON a.agent = :agent
WHERE left(told.unit, length(a.agent) + 1) = a.agent || '/'
    OR EXISTS (SELECT FROM serial s JOIN drawing d ON d.draw = s.draw
        WHERE s.issuer = left(told.unit, 3) AND s.serial = told.unit AND d.agent = a.agent)
ORDER BY told.nth;

-- name: place_parties_seen$
SELECT fence_parties();

-- name: place_of_goods
SELECT fence_place_goods(:serials::text[]) AS unit;

-- name: place_knows_party$
SELECT fence_place_knows(:party);
