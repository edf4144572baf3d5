-- Statements of central_registry/exchange: events that were captured, and who may see them.

-- name: epcis_use^
-- What a party has stored, with `bytes` more; its row is held until the transaction ends, so that it captures one at a time.
INSERT INTO epcis_use AS u (party, day, day_bytes, bytes) VALUES (:party, :day, :bytes, :bytes)
ON CONFLICT (party) DO UPDATE SET day = excluded.day, bytes = u.bytes + excluded.bytes,
    day_bytes = excluded.day_bytes + CASE WHEN u.day = excluded.day THEN u.day_bytes ELSE 0 END
RETURNING day_bytes, bytes;

-- name: epcis_add
-- New events, in their order; those that are here already are left out.
INSERT INTO epcis_event (party, event_id, declares, digest, event_type, event_time, record_time, action, biz_step,
    disposition, read_point, biz_location, body, verify_key)
SELECT :party, t.event_id, t.declares, t.digest, t.event_type, t.event_time, :at, t.action, t.biz_step, t.disposition,
    t.read_point, t.biz_location, t.body, :verify_key
FROM unnest(:event_ids::text[], :declares::text[], :digests::text[], :types::text[], :times::timestamptz[],
    :actions::text[], :steps::text[], :dispositions::text[], :read_points::text[], :locations::text[], :bodies::text[])
    WITH ORDINALITY AS t (event_id, declares, digest, event_type, event_time, action, biz_step, disposition, read_point,
    biz_location, body, nth)
ORDER BY t.nth
ON CONFLICT (party, event_id, declares) DO NOTHING
RETURNING event, event_id, declares;

-- name: epcis_digests
SELECT event_id, declares, digest FROM epcis_event
WHERE party = :party AND event_id = ANY(:event_ids::text[]);

-- name: epcis_add_codes!
INSERT INTO epcis_code (event, role, code, party, issuer, unit)
SELECT t.event, t.role, t.code, :party, left(t.unit, 3), t.unit
FROM unnest(:events::bigint[], :roles::text[], :codes::text[], :units::text[]) AS t (event, role, code, unit)
ON CONFLICT (event, role, code) DO NOTHING;

-- name: epcis_ours
SELECT fence_epcis_ours(:units::text[], :gtins::text[]) AS unit;

-- name: epcis_add_capture!
INSERT INTO epcis_capture (capture, party, verify_key, made_at, behaviour, told, added, errors)
VALUES (:capture, :party, :verify_key, :at, :behaviour, :told, :added, :errors);

-- name: epcis_capture^
SELECT capture, made_at, behaviour, told, added, errors FROM epcis_capture WHERE capture = :capture AND party = :party;

-- name: epcis_captures
SELECT capture, made_at, behaviour, told, added, errors FROM epcis_capture
WHERE party = :party AND (made_at, capture) < (:before, :capture) ORDER BY made_at DESC, capture DESC LIMIT :most::bigint;

-- name: epcis_found
-- Events that the asker captured, and those of others that name serials of theirs; of an answer no more than `bytes` hold,
-- but for its first. `key` orders them: microseconds of their own time, or their number.
WITH about AS (SELECT event, code FROM fence_epcis_about()),
seen AS (
    SELECT e.* FROM epcis_event e WHERE e.party = :party
    UNION ALL
    SELECT e.* FROM epcis_event e WHERE e.party <> :party AND e.event IN (SELECT event FROM about)
),
found AS (
    SELECT s.event, s.party, :direction::bigint * CASE WHEN :by_time THEN (extract(epoch FROM s.event_time) * 1000000)::bigint
        ELSE s.event END AS key
    FROM seen s
    WHERE (:types::text[] IS NULL OR s.event_type = ANY(:types::text[]))
        AND (:actions::text[] IS NULL OR s.action = ANY(:actions::text[]))
        AND (:steps::text[] IS NULL OR s.biz_step = ANY(:steps::text[]))
        AND (:dispositions::text[] IS NULL OR s.disposition = ANY(:dispositions::text[]))
        AND (:read_points::text[] IS NULL OR s.read_point = ANY(:read_points::text[]))
        AND (:locations::text[] IS NULL OR s.biz_location = ANY(:locations::text[]))
        AND (:event_ids::text[] IS NULL OR s.event_id = ANY(:event_ids::text[]))
        AND (:declaring::boolean IS NULL OR (s.declares <> '') = :declaring::boolean)
        AND (:from_event::timestamptz IS NULL OR s.event_time >= :from_event::timestamptz)
        AND (:until_event::timestamptz IS NULL OR s.event_time < :until_event::timestamptz)
        AND (:from_record::timestamptz IS NULL OR s.record_time >= :from_record::timestamptz)
        AND (:until_record::timestamptz IS NULL OR s.record_time < :until_record::timestamptz)
        AND NOT EXISTS (
            SELECT FROM unnest(:roles::text[], :codes::text[]) AS m (roles, codes)
            WHERE NOT EXISTS (
                SELECT FROM epcis_code c WHERE c.event = s.event AND c.role = ANY (string_to_array(m.roles, '|'))
                    AND c.code = ANY (string_to_array(m.codes, '|'))
                    AND (s.party = :party OR (c.event, c.code) IN (SELECT event, code FROM about)))
        )
),
chosen AS (
    SELECT f.event, f.party, f.key FROM found f
    WHERE :after_key::bigint IS NULL OR (f.key, f.event * :direction::bigint) > (:after_key::bigint, :after_event::bigint)
    ORDER BY f.key, f.event * :direction::bigint LIMIT :most::bigint
),
page AS (
    SELECT c.event, c.party, c.key, e.event_id, e.record_time, e.body,
        sum(length(e.body)) OVER (ORDER BY c.key, c.event * :direction::bigint) AS so_far
    FROM chosen c JOIN epcis_event e ON e.event = c.event
)
SELECT p.event, p.party, p.event_id, p.record_time, p.body, p.key, p.event * :direction::bigint AS place,
    CASE WHEN p.party = :party THEN NULL
        ELSE (SELECT array_agg(a.code) FROM about a WHERE a.event = p.event) END AS theirs
FROM page p WHERE p.so_far <= :bytes::bigint OR p.so_far = length(p.body) ORDER BY p.key, p.event * :direction::bigint;

-- name: epcis_codes_seen
-- Codes of these roles in events that the asker captured, and serials of theirs in those of others.
SELECT code FROM (
    SELECT c.code FROM epcis_code c WHERE c.party = :party AND c.role = ANY(:roles::text[]) AND c.code > :after
    UNION SELECT a.code FROM fence_epcis_about() a WHERE a.code > :after
) AS seen ORDER BY code LIMIT :most::bigint;

-- name: epcis_words_seen
-- The words of one kind in events that the asker sees.
SELECT word FROM (
    SELECT CASE :kind::text WHEN 'bizSteps' THEN e.biz_step WHEN 'dispositions' THEN e.disposition
        WHEN 'readPoints' THEN e.read_point ELSE e.biz_location END AS word
    FROM epcis_event e WHERE e.party = :party OR e.event IN (SELECT event FROM fence_epcis_about())
) AS seen WHERE word > :after GROUP BY word ORDER BY word LIMIT :most::bigint;

-- name: epcis_labelled^
-- Which agent told of a serial that is the asker's, and in which window.
SELECT d.agent, d.window_id FROM serial s JOIN drawing d ON d.draw = s.draw
LEFT JOIN quota_key q ON q.quota_key = d.quota_key
WHERE s.issuer = left(:serial, 3) AND s.serial = :serial AND lpad(d.gtin, 14, '0') = :gtin
    AND (q.firm = ANY ((SELECT fence_parties())::text[]) OR d.agent = ANY ((SELECT fence_own_agents())::text[]));
