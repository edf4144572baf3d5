
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
SELECT q.firm, y.name AS firm_name, coalesce(q.lot_no, '') AS lot_no, q.style_no, q.quota_key, i.kind, i.body
FROM feed_item i
JOIN quota_key q ON q.quota_key = i.key
JOIN party y ON y.party = q.firm
WHERE i.agent = '*' AND i.kind IN ('suspension', 'recall') AND (:kind = 'operator' OR q.firm = :own OR EXISTS (
    SELECT FROM membership m WHERE m.party = q.firm AND m.ended_at IS NULL AND (m.association = :own OR EXISTS (
        SELECT FROM membership o WHERE o.association = m.association AND o.party = :own AND :kind = 'inspector')))
    OR q.firm = 'unassigned' AND :kind = 'association')
ORDER BY i.n DESC;
