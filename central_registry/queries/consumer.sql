-- Statements of central_registry/consumer beside those of labels, which stand in queries.sql.

-- name: stops_asked
-- When goods were asked to be stopped: what waits for a second person, and what one has confirmed.
SELECT q.quota_key,
    max(d.made_at) FILTER (WHERE d.act = 'recall' AND d.outcome IS NULL) AS recall_asked_at,
    max(d.made_at) FILTER (WHERE d.act = 'suspend' AND d.outcome IS NULL) AS suspension_asked_at,
    max(d.made_at) FILTER (WHERE d.act = 'recall' AND d.outcome = 'confirmed') AS recalled_at,
    max(d.made_at) FILTER (WHERE d.act = 'suspend' AND d.outcome = 'confirmed') AS suspended_at
FROM quota_key q
JOIN decision d ON d.about = q.firm || ' ' || coalesce(nullif(q.lot_no, ''), q.style_no)
    AND coalesce(d.asked::json ->> 'lot_no', '') = coalesce(q.lot_no, '')
WHERE q.quota_key = ANY(:quota_keys::text[]) AND d.act IN ('suspend', 'recall') GROUP BY q.quota_key;

-- name: maker_spoke^
-- Whose an issuer is, and when that agent's ledger last spoke; no row for an issuer that nobody has.
SELECT i.agent, a.seen_at FROM issuer i LEFT JOIN agent a ON a.agent = i.agent WHERE i.issuer = :issuer;

-- name: item_of_gtin^
-- A style as a firm imported it, by any of its GTINs.
SELECT t.firm, t.style_no, s.record FROM trade_item t JOIN style s ON s.firm = t.firm AND s.style_no = t.style_no
WHERE t.gtin = :gtin AND t.firm <> 'unassigned';

-- name: firm_of_goods^
SELECT party, name, contact, sandbox FROM party WHERE party = :firm AND party <> 'unassigned';

-- name: notices_of_goods
-- Of a firm's lot, or of its style's goods without one, under all their keys, the gravest first; `old`: what the key of
-- goods of before firms reads like.
SELECT body FROM feed_item
WHERE agent = '*' AND kind IN ('recall', 'suspension') AND key IN (
    SELECT quota_key FROM quota_key WHERE firm = :firm
        AND CASE WHEN :lot_no = '' THEN lot_no IS NULL AND style_no = :style_no ELSE lot_no = :lot_no END
    UNION SELECT :old::text WHERE :firm = 'unassigned')
ORDER BY kind, n DESC;

-- name: certificate_of_goods^
-- The newest version of a lot's certificate that anybody decided, and a key that leads to it.
SELECT q.quota_key, max(c.version) AS version FROM certificate c
JOIN quota_key q ON q.firm = c.firm AND q.lot_no = c.lot_no
WHERE c.firm = :firm AND c.lot_no = :lot_no AND c.decided_at IS NOT NULL
    AND c.state IN ('approved', 'suspended', 'withdrawn')
GROUP BY q.quota_key ORDER BY q.quota_key LIMIT 1;
