-- Statements of the running sums: what became of labels, by agent, quota key and day.

-- name: add_sums!
INSERT INTO label_sum AS s (agent, quota_key, day,
    drawn, sending, printed, in_doubt, commissioned, scrapped, invalid, conflicts)
SELECT * FROM unnest(:agents::text[], :quota_keys::text[], :days::date[], :drawn::bigint[], :sending::bigint[],
    :printed::bigint[], :in_doubt::bigint[], :commissioned::bigint[], :scrapped::bigint[], :invalid::bigint[],
    :conflicts::bigint[])
ON CONFLICT (agent, quota_key, day) DO UPDATE SET
    drawn = s.drawn + excluded.drawn, sending = s.sending + excluded.sending, printed = s.printed + excluded.printed,
    in_doubt = s.in_doubt + excluded.in_doubt, commissioned = s.commissioned + excluded.commissioned,
    scrapped = s.scrapped + excluded.scrapped, invalid = s.invalid + excluded.invalid,
    conflicts = s.conflicts + excluded.conflicts;

-- name: labels_counted
-- Every label there is, counted anew: minutes where there are ten million.
SELECT d.agent, d.quota_key, left(d.sent_at, 13) AS hour, s.state, count(*) AS labels
FROM drawing d CROSS JOIN unnest(d.serials) AS drawn (serial)
JOIN serial s ON s.issuer = left(drawn.serial, 3) AND s.serial = drawn.serial AND s.draw = d.draw
WHERE :quota_key::text IS NULL OR d.quota_key = :quota_key GROUP BY 1, 2, 3, 4
UNION ALL
SELECT c.agent, d.quota_key, left(d.sent_at, 13), NULL, count(*)
FROM conflict c JOIN drawing d ON d.draw = c.draw
WHERE :quota_key::text IS NULL OR d.quota_key = :quota_key GROUP BY 1, 2, 3;

-- name: apart_counted
-- Labels that stand and use up nothing, counted anew from the windows: 820 = verdict.APART, `freed` = states.FREED.
SELECT d.agent, d.quota_key, sum(cardinality(d.serials) - (
    SELECT count(*) FROM unnest(d.serials) AS u (serial) JOIN serial s
        ON s.issuer = left(u.serial, 3) AND s.serial = u.serial AND s.draw = d.draw
    WHERE s.state = ANY(:freed::smallint[])))::bigint AS labels
FROM drawing d WHERE (d.against & 820) <> 0 GROUP BY 1, 2;

-- name: sums_asked
-- Grouped by what is asked for (`by`: firm, lot, agent, day), fenced by who asks; the total of groups beside each row. An
-- allotment has no day of its own before allotment_move kept one, so by day it is what was moved then.
WITH seen AS (
    SELECT k.quota_key, coalesce(q.firm, 'unassigned') AS firm, coalesce(q.lot_no, '') AS lot_no,
        coalesce(q.style_no, '') AS style_no
    FROM (SELECT quota_key FROM label_sum UNION SELECT key FROM feed_item WHERE kind = 'allotment') AS k
    LEFT JOIN quota_key q USING (quota_key)
), mine AS (
    SELECT s.*, coalesce(p.name, s.firm) AS firm_name FROM seen s LEFT JOIN party p ON p.party = s.firm
    WHERE :kind = 'operator' OR s.firm = :party
        OR EXISTS (SELECT FROM membership m WHERE m.association = :party AND m.party = s.firm AND m.ended_at IS NULL)
        OR EXISTS (
            SELECT FROM code_order o
            WHERE o.association = :party AND o.quota_key = s.quota_key AND o.state = 'approved')
        OR (:kind = 'association' AND s.firm = 'unassigned')
        OR (:kind = 'inspector' AND EXISTS (
            SELECT FROM membership m JOIN membership o USING (association)
            WHERE m.party = :party AND o.party = s.firm AND m.ended_at IS NULL AND o.ended_at IS NULL))
), moved AS (
    SELECT agent, quota_key, NULL::date AS day, quantity AS allotted FROM promised WHERE :by <> 'day'
    UNION ALL
    SELECT agent, quota_key, (at AT TIME ZONE 'UTC' + interval '8 hours')::date, delta FROM allotment_move
    WHERE :by = 'day'
), whole AS (
    SELECT agent, quota_key, day, 0::bigint AS allotted, drawn, sending, printed, in_doubt, commissioned, scrapped,
        invalid, conflicts, packed, shipped, returned, by_roll FROM label_sum
    UNION ALL
    SELECT agent, quota_key, day, allotted, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM moved
), named AS (
    SELECT m.firm, m.firm_name, m.lot_no, m.style_no, w.*,
        CASE :by WHEN 'firm' THEN m.firm WHEN 'agent' THEN w.agent WHEN 'day' THEN w.day::text ELSE m.quota_key END AS what
    FROM whole w JOIN mine m USING (quota_key)
    WHERE (:firm = '' OR m.firm = :firm) AND (:lot_no = '' OR m.lot_no = :lot_no) AND (:agent = '' OR w.agent = :agent)
        AND (:quota_key = '' OR m.quota_key = :quota_key)
        AND (:since = '' OR w.day IS NULL OR w.day::text >= :since)
        AND (:until = '' OR w.day IS NULL OR w.day::text <= :until)
        AND (m.firm_name || ' ' || m.firm || ' ' || m.quota_key || ' ' || m.style_no || ' ' || w.agent ILIKE :like)
), grouped AS (
    SELECT what, CASE WHEN :by IN ('firm', 'lot') THEN min(firm) ELSE '' END AS firm,
        CASE WHEN :by IN ('firm', 'lot') THEN min(firm_name) ELSE '' END AS firm_name,
        CASE WHEN :by = 'lot' THEN min(lot_no) ELSE '' END AS lot_no,
        CASE WHEN :by = 'lot' THEN min(style_no) ELSE '' END AS style_no,
        sum(allotted)::bigint AS allotted, sum(drawn)::bigint AS drawn, sum(sending)::bigint AS sending,
        sum(printed)::bigint AS printed, sum(in_doubt)::bigint AS in_doubt, sum(commissioned)::bigint AS commissioned,
        sum(scrapped)::bigint AS scrapped, sum(invalid)::bigint AS invalid, sum(conflicts)::bigint AS conflicts,
        sum(packed)::bigint AS packed, sum(shipped)::bigint AS shipped, sum(returned)::bigint AS returned,
        sum(by_roll)::bigint AS by_roll
    FROM named WHERE what IS NOT NULL GROUP BY what
)
SELECT *, count(*) OVER () AS total FROM grouped g
ORDER BY CASE WHEN :descending THEN (to_jsonb(g) ->> :sort)::bigint END DESC NULLS LAST,
    CASE WHEN NOT :descending THEN (to_jsonb(g) ->> :sort)::bigint END ASC NULLS LAST,
    CASE WHEN :backwards THEN what END DESC, what
LIMIT :rows OFFSET :skipped;
