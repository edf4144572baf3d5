-- Goods of firms: what was imported before firms were goes to the firm 'unassigned', to be given to firms by hand.

-- What nobody but a person can decide about goods of 'unassigned': `what` is 'lot', 'style', 'gtin' or 'key', and two
-- makers, or two styles, seem to share `number`. The one that was there first keeps it until somebody says more.
CREATE TABLE goods_doubt (
    firm   TEXT NOT NULL DEFAULT 'unassigned',
    what   TEXT NOT NULL,
    number TEXT NOT NULL,
    doubt  TEXT NOT NULL,
    PRIMARY KEY (firm, what, number)
);

-- Whose goods a party may see: its own, those of firms it ever admitted and of 'unassigned', as a lab or an inspector those
-- of firms its associations admitted; the operator all. `today`: for whom it may work, memberships that ended left out.
CREATE FUNCTION firms_seen(who TEXT, kind TEXT, today BOOLEAN DEFAULT false) RETURNS TABLE (firm TEXT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT who
    UNION SELECT p.party FROM party p WHERE firms_seen.kind = 'operator' AND NOT today
    UNION SELECT m.party FROM membership m
        WHERE firms_seen.kind = 'association' AND m.association = who AND (m.ended_at IS NULL OR NOT today)
    UNION SELECT 'unassigned' WHERE firms_seen.kind = 'association'
    UNION SELECT m.party FROM membership mine JOIN membership m ON m.association = mine.association
        WHERE firms_seen.kind IN ('lab', 'inspector') AND mine.party = who AND mine.ended_at IS NULL
            AND (m.ended_at IS NULL OR NOT today)
$$;

-- PostgreSQL refuses to look into JSON that holds a NUL, so that is left out first (as in 0006).
CREATE TEMPORARY TABLE old_goods ON COMMIT DROP AS
SELECT kind, key, n, quantity, style_no,
    coalesce(regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g')::json -> 'record', '{}'::json) AS record
FROM feed_item WHERE agent = '*' AND kind IN ('lot', 'style');

INSERT INTO style (firm, style_no, record, source, changed_at, person)
SELECT 'unassigned', key, record::text, 'before_firms', now(), 'migration' FROM old_goods WHERE kind = 'style';

INSERT INTO lot (firm, lot_no, style_no, record, quantity, source, changed_at, person)
SELECT 'unassigned', key, coalesce(style_no, ''), record::text, quantity, 'before_firms', now(), 'migration'
FROM old_goods WHERE kind = 'lot';

CREATE TEMPORARY TABLE old_item ON COMMIT DROP AS
SELECT lpad(p ->> 'gtin', 14, '0') AS gtin, p ->> 'style_no' AS style_no, coalesce(p ->> 'size', '') AS size,
    coalesce(p ->> 'colour', '') AS colour, kind, key, n
FROM (SELECT kind, key, n, CASE WHEN json_typeof(record -> 'product') = 'object' THEN record -> 'product' END AS p
    FROM old_goods) AS g
WHERE p ->> 'gtin' ~ '^[0-9]{8,14}$' AND p ->> 'style_no' IS NOT NULL;

INSERT INTO trade_item (gtin, firm, style_no, size, colour)
SELECT DISTINCT ON (gtin) gtin, 'unassigned', style_no, size, colour FROM old_item ORDER BY gtin, n;

INSERT INTO goods_doubt (what, number, doubt)
SELECT 'gtin', gtin, 'styles and sizes: ' || string_agg(DISTINCT style_no || ' ' || size, ', ')
FROM old_item GROUP BY gtin HAVING count(DISTINCT (style_no, size)) > 1;

-- Every key there is keeps its text. What an old key is of follows from that text, for the last time here.
CREATE TEMPORARY TABLE old_key ON COMMIT DROP AS
SELECT kind || ':' || key AS quota_key FROM old_goods
UNION SELECT key FROM feed_item WHERE kind IN ('allotment', 'suspension', 'recall')
UNION SELECT quota_key FROM quota_use
UNION SELECT quota_key FROM entitlement
UNION SELECT quota_key FROM allotment_override
UNION SELECT quota_key FROM drawing;

INSERT INTO quota_key (quota_key, firm, lot_no, style_no, gtins, minted_at)
SELECT k.quota_key, 'unassigned', CASE WHEN k.quota_key LIKE 'lot:%' THEN substr(k.quota_key, 5) END,
    CASE WHEN k.quota_key LIKE 'style:%' THEN substr(k.quota_key, 7) ELSE coalesce(l.style_no, '') END,
    coalesce(g.gtins, '{}'), now()
FROM old_key k
LEFT JOIN lot l ON k.quota_key LIKE 'lot:%' AND l.firm = 'unassigned' AND l.lot_no = substr(k.quota_key, 5)
LEFT JOIN (
    SELECT quota_key, array_agg(gtin ORDER BY gtin) AS gtins FROM (
        SELECT kind || ':' || key, gtin FROM old_item
        UNION SELECT quota_key, lpad(gtin, 14, '0') FROM drawing WHERE gtin ~ '^[0-9]{8,14}$'
    ) AS known (quota_key, gtin) GROUP BY quota_key
) AS g ON g.quota_key = k.quota_key;

-- Labels that name another maker than their lot: two makers may have shared its number.
INSERT INTO goods_doubt (what, number, doubt)
SELECT 'key', quota_key, 'labels name another maker than the lot: ' || count(*) || ' windows'
FROM drawing WHERE differs LIKE '%["maker%' GROUP BY quota_key;
