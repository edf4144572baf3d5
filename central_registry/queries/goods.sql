-- Statements of central_registry/goods: styles, lots, trade items, and whose they are.

-- name: goods_styles
SELECT style_no, record FROM style WHERE firm = :firm AND style_no = ANY(:numbers::text[]);

-- name: goods_lots
SELECT lot_no, record FROM lot WHERE firm = :firm AND lot_no = ANY(:numbers::text[]);

-- name: goods_trade_items
SELECT gtin, firm, style_no, size FROM trade_item WHERE gtin = ANY(:gtins::text[]);

-- name: put_style!
INSERT INTO style (firm, style_no, record, source, changed_at, person)
VALUES (:firm, :style_no, :record, :source, :at, :person)
ON CONFLICT (firm, style_no) DO UPDATE
SET record = excluded.record, source = excluded.source, changed_at = excluded.changed_at, person = excluded.person;

-- name: put_lot!
INSERT INTO lot (firm, lot_no, style_no, record, quantity, source, changed_at, person)
VALUES (:firm, :lot_no, :style_no, :record, :quantity, :source, :at, :person)
ON CONFLICT (firm, lot_no) DO UPDATE
SET style_no = excluded.style_no, record = excluded.record, quantity = excluded.quantity, source = excluded.source,
    changed_at = excluded.changed_at, person = excluded.person;

-- name: take_back_style!
-- From an agent that was fed it; this registry lost it.
INSERT INTO style (firm, style_no, record, source, changed_at, person)
VALUES (:firm, :style_no, :record, 'agent', now(), '')
ON CONFLICT (firm, style_no) DO UPDATE SET record = excluded.record, source = 'agent', changed_at = now(), person = '';

-- name: take_back_lot!
INSERT INTO lot (firm, lot_no, style_no, record, quantity, source, changed_at, person)
VALUES (:firm, :lot_no, :style_no, :record, :quantity, 'agent', now(), '')
ON CONFLICT (firm, lot_no) DO UPDATE
SET style_no = excluded.style_no, record = excluded.record, quantity = excluded.quantity, source = 'agent',
    changed_at = now(), person = '';

-- name: put_trade_item!
INSERT INTO trade_item (gtin, firm, style_no, size, colour) VALUES (:gtin, :firm, :style_no, :size, :colour)
ON CONFLICT (gtin) DO UPDATE SET style_no = excluded.style_no, size = excluded.size, colour = excluded.colour
WHERE trade_item.firm = excluded.firm;

-- name: put_goods_doubt!
INSERT INTO goods_doubt (what, number, doubt) VALUES (:what, :number, :doubt) ON CONFLICT DO NOTHING;

-- name: old_keys_elsewhere
-- Old names of goods that a firm has by now.
SELECT k.quota_key, k.firm, coalesce(p.name, '') AS name FROM quota_key k LEFT JOIN party p ON p.party = k.firm
WHERE k.quota_key = ANY(:quota_keys::text[]) AND k.firm <> 'unassigned';

-- name: add_key_gtins!
-- GTINs that were imported with a lot or a style ('' for a lot number) are known under its keys.
UPDATE quota_key AS k
SET gtins = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(k.gtins || g.gtins) AS one), style_no = g.style_no
FROM (
    SELECT lot_no, style_no, array_agg(gtin) AS gtins
    FROM unnest(:lot_nos::text[], :style_nos::text[], :gtins::text[]) AS i (lot_no, style_no, gtin) GROUP BY 1, 2
) AS g
WHERE k.firm = :firm AND NOT k.gtins @> g.gtins
    AND (k.lot_no = g.lot_no OR (g.lot_no = '' AND k.lot_no IS NULL AND k.style_no = g.style_no));

-- name: allotted_of_lot^
-- Of one firm's lot, under all its keys and over all agents; the first of the keys.
SELECT coalesce(sum(f.quantity), 0)::bigint AS allotted, min(k.quota_key) AS quota_key
FROM quota_key k LEFT JOIN promised f ON f.quota_key = k.quota_key
WHERE k.firm = :firm AND k.lot_no = :lot_no;

-- name: party_named^
SELECT party, kind, name FROM party WHERE party = :party;
