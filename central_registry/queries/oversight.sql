
-- name: keys_to_stop
-- All names of a firm's lot, or of its goods without a lot.
SELECT quota_key FROM quota_key
WHERE firm = :firm AND coalesce(lot_no, '') = :lot_no AND (:lot_no <> '' OR style_no = :style_no)
ORDER BY minted_at, quota_key;

-- name: association_of_both$
-- Of a firm, if it is `own` or has admitted `own`, too.
SELECT f.association FROM membership f
WHERE f.party = :firm AND f.ended_at IS NULL AND (f.association = :own OR EXISTS (
    SELECT FROM membership o WHERE o.association = f.association AND o.party = :own AND o.ended_at IS NULL))
ORDER BY f.since LIMIT 1;

-- name: stops_of
SELECT q.firm, y.name AS firm_name, coalesce(q.lot_no, '') AS lot_no, q.style_no, q.quota_key, i.kind, i.body,
    d.decision, d.act, d.due_at
FROM feed_item i
JOIN quota_key q ON q.quota_key = i.key
JOIN party y ON y.party = q.firm
LEFT JOIN LATERAL (
    SELECT decision, act, due_at FROM decision WHERE outcome IS NULL AND act = ANY(:acts::text[])
        AND about = q.firm || ' ' || coalesce(nullif(q.lot_no, ''), q.style_no) ORDER BY made_at DESC, decision LIMIT 1
) d ON true
WHERE i.agent = '*' AND i.kind IN ('suspension', 'recall') AND (:kind = 'operator' OR q.firm = :own OR EXISTS (
    SELECT FROM membership m WHERE m.party = q.firm AND m.ended_at IS NULL AND (m.association = :own OR EXISTS (
        SELECT FROM membership o WHERE o.association = m.association AND o.party = :own AND :kind = 'inspector')))
    OR q.firm = 'unassigned' AND :kind = 'association')
ORDER BY i.n DESC;

-- name: keys_seen
SELECT quota_key FROM quota_key q
WHERE q.firm = :firm AND coalesce(q.lot_no, '') = :lot_no AND (:lot_no <> '' OR q.style_no = :style_no)
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = q.firm)
ORDER BY minted_at, quota_key;

-- name: goods_counted^
-- What a stop touches: agents that may draw, codes they were promised, labels by what became of them.
SELECT p.name AS firm_name, f.agents, f.allotted, s.* FROM party p
CROSS JOIN LATERAL (
    SELECT count(DISTINCT agent) AS agents, coalesce(sum(quantity), 0)::bigint AS allotted
    FROM promised WHERE quota_key = ANY(:keys::text[]) AND quantity > 0
) f CROSS JOIN LATERAL (
    SELECT coalesce(sum(drawn), 0)::bigint AS drawn, coalesce(sum(printed), 0)::bigint AS printed,
        coalesce(sum(in_doubt), 0)::bigint AS in_doubt, coalesce(sum(commissioned), 0)::bigint AS commissioned,
        coalesce(sum(scrapped), 0)::bigint AS scrapped
    FROM label_sum WHERE quota_key = ANY(:keys::text[])
) s WHERE p.party = :firm;

-- name: stop_asked^
SELECT decision, act, due_at FROM decision WHERE about = :about AND act = ANY(:acts::text[]) AND outcome IS NULL
ORDER BY made_at DESC, decision LIMIT 1;
