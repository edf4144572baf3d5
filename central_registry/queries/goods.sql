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

-- name: reaches_firm$
SELECT EXISTS (SELECT FROM firms_seen(:party, :kind, :today) s WHERE s.firm = :firm);

-- name: association_between$
SELECT m.association FROM membership m
WHERE m.party = :firm AND m.ended_at IS NULL
    AND (:firm = :party OR EXISTS (SELECT FROM membership mine WHERE mine.association = m.association
        AND mine.party = :party AND mine.ended_at IS NULL))
ORDER BY m.since, m.association LIMIT 1;

-- name: lot^
SELECT firm, lot_no, style_no, record, quantity, source, changed_at, person FROM lot
WHERE firm = :firm AND lot_no = :lot_no;

-- name: lab_of_name$
SELECT party FROM party WHERE kind = 'lab' AND :name IN (party, name, short_name) ORDER BY made_at LIMIT 1;

-- name: add_sample$
INSERT INTO sample (firm, sample_no, lot_no, pieces, drawn_on, drawn_by, place, lab, at, person)
VALUES (:firm, :sample_no, :lot_no, :pieces, :drawn_on, :drawn_by, :place, :lab, :at, :person)
ON CONFLICT (firm, sample_no) DO NOTHING RETURNING sample_no;

-- name: add_report!
INSERT INTO report (lab, report_no, firm, lot_no, sample_no, covers, issued_on, filed_by, file_hash, at, person)
VALUES (:lab, :report_no, :firm, :lot_no, :sample_no, :covers, :issued_on, :filed_by, :file_hash, :at, :person)
ON CONFLICT (lab, report_no) DO NOTHING;

-- name: add_report_file!
UPDATE report SET file_hash = :file_hash WHERE lab = :lab AND report_no = :report_no AND file_hash IS NULL;

-- name: report^
SELECT lab, report_no, firm, lot_no, sample_no, covers, issued_on, file_hash FROM report
WHERE lab = :lab AND report_no = :report_no;

-- name: keep_file!
INSERT INTO kept_file (file_hash, media_type, name, body, at, person)
VALUES (:file_hash, :media_type, :name, :body, :at, :person) ON CONFLICT (file_hash) DO NOTHING;

-- name: kept_file^
SELECT k.name, k.media_type, k.body FROM kept_file k
WHERE k.file_hash = :file_hash AND EXISTS (
    SELECT FROM report r WHERE r.file_hash = k.file_hash
        AND (r.filed_by = :party OR r.lab = :party
            OR (:kind <> 'lab' AND r.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s)))
);

-- name: approved_certificate^
SELECT * FROM certificate WHERE firm = :firm AND lot_no = :lot_no AND state = 'approved' ORDER BY version DESC LIMIT 1;

-- name: certificate^
SELECT * FROM certificate WHERE firm = :firm AND lot_no = :lot_no AND version = :version;

-- name: limit_of$
SELECT quantity FROM issuing_limit WHERE firm = :firm AND what = :what AND number = :number;

-- name: limits_listed
SELECT l.firm, coalesce(f.name, l.firm) AS firm_name, l.what, l.number, l.quantity, l.reason, l.at,
    (SELECT coalesce(sum(p.quantity), 0)::bigint FROM quota_key k JOIN promised p ON p.quota_key = k.quota_key
        WHERE k.firm = l.firm AND l.number = CASE l.what WHEN 'lot' THEN k.lot_no ELSE k.style_no END) AS taken
FROM issuing_limit l LEFT JOIN party f ON f.party = l.firm
WHERE l.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s) AND :kind <> 'lab'
ORDER BY l.at DESC, l.firm, l.what, l.number;

-- name: waiting_certificate$
SELECT version FROM certificate WHERE firm = :firm AND lot_no = :lot_no AND state = 'filed';

-- name: add_certificate$
-- The next version of this lot.
INSERT INTO certificate (firm, lot_no, version, scheme, facts, quantity, valid_from, valid_to, lab, report_no, state,
    source, filed_at, filed_by, sha256)
SELECT :firm, :lot_no, coalesce(max(version), 0) + 1, :scheme, :facts, :quantity, :valid_from, :valid_to, :lab,
    :report_no, 'filed', :source, :at, :person, :sha256
FROM certificate WHERE firm = :firm AND lot_no = :lot_no
RETURNING version;

-- name: versions_before
SELECT version FROM certificate WHERE firm = :firm AND lot_no = :lot_no AND version < :version ORDER BY version;

-- name: set_certificate_state!
UPDATE certificate SET state = :state, decided_at = :at, decided_by = :person
WHERE firm = :firm AND lot_no = :lot_no AND version = :version;

-- name: add_certificate_move!
INSERT INTO certificate_move (firm, lot_no, version, n, state, reason, provisional, at, person)
SELECT :firm, :lot_no, :version, coalesce(max(n), 0) + 1, :state, :reason, :provisional, :at, :person
FROM certificate_move WHERE firm = :firm AND lot_no = :lot_no AND version = :version;

-- name: last_certificate_move^
SELECT n, state, reason, provisional, at, person FROM certificate_move
WHERE firm = :firm AND lot_no = :lot_no AND version = :version ORDER BY n DESC LIMIT 1;

-- name: certificate_stopper$
-- Whoever moved it first to where it stands now.
SELECT m.person FROM certificate_move m
WHERE m.firm = :firm AND m.lot_no = :lot_no AND m.version = :version AND m.state IN ('suspended', 'withdrawn')
    AND m.n > coalesce((SELECT max(o.n) FROM certificate_move o
        WHERE o.firm = m.firm AND o.lot_no = m.lot_no AND o.version = m.version AND o.state = 'approved'), 0)
ORDER BY m.n LIMIT 1;

-- name: style^
SELECT firm, style_no, record, source, changed_at, person FROM style WHERE firm = :firm AND style_no = :style_no;

-- name: put_limit!
INSERT INTO issuing_limit (firm, what, number, quantity, association, reason, at, person)
VALUES (:firm, :what, :number, :quantity, :association, :reason, :at, :person)
ON CONFLICT (firm, what, number) DO UPDATE SET quantity = excluded.quantity, association = excluded.association,
    reason = excluded.reason, at = excluded.at, person = excluded.person;

-- name: unassigned_lots
SELECT lot_no FROM lot WHERE firm = 'unassigned'
    AND ((:what = 'lot' AND lot_no = :number) OR (:what = 'style' AND style_no = :number)) ORDER BY lot_no;

-- name: number_of_another$
-- A firm other than this one that has such a lot or style.
SELECT firm FROM (
    SELECT firm FROM lot WHERE :what = 'lot' AND lot_no = :number
    UNION ALL SELECT firm FROM style WHERE :what = 'style' AND style_no = :number
) AS owners WHERE firm NOT IN ('unassigned', :firm) LIMIT 1;

-- name: copy_style!
INSERT INTO style (firm, style_no, record, source, changed_at, person)
SELECT :firm, style_no, record, source, changed_at, person FROM style
WHERE firm = 'unassigned' AND style_no = :style_no ON CONFLICT (firm, style_no) DO NOTHING;

-- name: drop_unassigned_style!
DELETE FROM style WHERE firm = 'unassigned' AND style_no = :style_no;

-- name: give_lot!
-- What the firm has itself under that number stands.
INSERT INTO lot (firm, lot_no, style_no, record, quantity, source, changed_at, person)
SELECT :firm, lot_no, style_no, record, quantity, source, changed_at, person FROM lot
WHERE firm = 'unassigned' AND lot_no = :lot_no ON CONFLICT (firm, lot_no) DO NOTHING;

-- name: drop_unassigned_lot!
DELETE FROM lot WHERE firm = 'unassigned' AND lot_no = :lot_no;

-- name: give_lot_keys
UPDATE quota_key SET firm = :firm WHERE firm = 'unassigned' AND lot_no = :lot_no RETURNING quota_key;

-- name: give_style_keys
UPDATE quota_key SET firm = :firm WHERE firm = 'unassigned' AND lot_no IS NULL AND style_no = :style_no
RETURNING quota_key;

-- name: give_trade_items!
UPDATE trade_item SET firm = :firm WHERE firm = 'unassigned' AND style_no = :style_no;

-- name: lots_listed
SELECT *, count(*) OVER () AS total FROM (
    SELECT l.firm, coalesce(p.name, l.firm) AS firm_name, l.lot_no, l.style_no, l.quantity, l.source, l.changed_at,
        c.version, c.scheme, c.state, c.valid_to, c.quantity AS certified,
        CASE :sort WHEN 'lot_no' THEN l.lot_no WHEN 'style_no' THEN l.style_no WHEN 'firm_name' THEN p.name
            WHEN 'quantity' THEN lpad(coalesce(l.quantity, 0)::text, 12, '0') WHEN 'state' THEN coalesce(c.state, '')
            WHEN 'valid_to' THEN c.valid_to::text ELSE to_char(l.changed_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')
        END AS sort_key
    FROM lot l LEFT JOIN party p ON p.party = l.firm
    LEFT JOIN LATERAL (SELECT * FROM certificate v WHERE v.firm = l.firm AND v.lot_no = l.lot_no
        ORDER BY v.version DESC LIMIT 1) c ON true
    WHERE l.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s)
        AND (:firm::text IS NULL OR l.firm = :firm)
        AND (:state::text IS NULL OR coalesce(c.state, 'none') = :state)
        AND (l.lot_no ILIKE :like OR l.style_no ILIKE :like OR p.name ILIKE :like OR c.report_no ILIKE :like)
) AS found
ORDER BY CASE WHEN :descending OR :sort = '' THEN NULL ELSE sort_key END, sort_key DESC, firm, lot_no
LIMIT :most OFFSET :skipped;

-- name: styles_listed
SELECT *, count(*) OVER () AS total FROM (
    SELECT t.firm, coalesce(p.name, t.firm) AS firm_name, t.style_no, t.source, t.changed_at,
        (SELECT count(*) FROM trade_item i WHERE i.firm = t.firm AND i.style_no = t.style_no) AS sizes,
        (SELECT count(*) FROM lot l WHERE l.firm = t.firm AND l.style_no = t.style_no) AS lots,
        CASE :sort WHEN 'style_no' THEN t.style_no WHEN 'firm_name' THEN p.name
            ELSE to_char(t.changed_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') END AS sort_key
    FROM style t LEFT JOIN party p ON p.party = t.firm
    WHERE t.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s) AND :kind <> 'lab'
        AND (:firm::text IS NULL OR t.firm = :firm)
        AND (t.style_no ILIKE :like OR p.name ILIKE :like)
) AS found
ORDER BY CASE WHEN :descending OR :sort = '' THEN NULL ELSE sort_key END, sort_key DESC, firm, style_no
LIMIT :most OFFSET :skipped;

-- name: certificates_listed
-- A lab sees those that it stands behind.
SELECT *, count(*) OVER () AS total FROM (
    SELECT c.firm, coalesce(p.name, c.firm) AS firm_name, c.lot_no, c.version, c.scheme, c.quantity, c.valid_from,
        c.valid_to, c.lab, coalesce(b.name, c.lab) AS lab_name, c.report_no, c.state, c.filed_at,
        coalesce((SELECT m.provisional FROM certificate_move m WHERE m.firm = c.firm AND m.lot_no = c.lot_no
            AND m.version = c.version ORDER BY m.n DESC LIMIT 1), false) AS provisional,
        CASE :sort WHEN 'lot_no' THEN c.lot_no WHEN 'firm_name' THEN p.name WHEN 'state' THEN c.state
            WHEN 'quantity' THEN lpad(c.quantity::text, 12, '0') WHEN 'valid_to' THEN c.valid_to::text
            WHEN 'report_no' THEN c.report_no
            ELSE to_char(c.filed_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') END AS sort_key
    FROM certificate c LEFT JOIN party p ON p.party = c.firm LEFT JOIN party b ON b.party = c.lab
    WHERE (c.lab = :party OR (:kind <> 'lab' AND c.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s)))
        AND (:firm::text IS NULL OR c.firm = :firm) AND (:state::text IS NULL OR c.state = :state)
        AND (:lot_no::text IS NULL OR c.lot_no = :lot_no)
        AND (c.lot_no ILIKE :like OR c.report_no ILIKE :like OR p.name ILIKE :like OR b.name ILIKE :like)
) AS found
ORDER BY CASE WHEN :descending OR :sort = '' THEN NULL ELSE sort_key END, sort_key DESC, firm, lot_no, version
LIMIT :most OFFSET :skipped;

-- name: unassigned_listed
SELECT *, count(*) OVER () AS total FROM (
    SELECT t.style_no, coalesce(cardinality(l.lot_nos), 0) AS lots, coalesce(l.lot_nos, '{}') AS lot_nos,
        coalesce(t.record::json -> 'product' -> 'maker' ->> 'name', '') AS maker,
        coalesce(t.record::json -> 'product' -> 'maker' ->> 'uscc', '') AS maker_uscc,
        ARRAY(SELECT i.gtin FROM trade_item i WHERE i.firm = 'unassigned' AND i.style_no = t.style_no ORDER BY 1) AS gtins,
        ARRAY(SELECT d.number || ': ' || d.doubt FROM goods_doubt d WHERE d.number IN (
            SELECT i.gtin FROM trade_item i WHERE i.firm = 'unassigned' AND i.style_no = t.style_no
            UNION SELECT k.quota_key FROM quota_key k WHERE k.firm = 'unassigned' AND k.style_no = t.style_no
        ) ORDER BY 1) AS doubts,
        CASE :sort WHEN 'lots' THEN lpad(coalesce(cardinality(l.lot_nos), 0)::text, 12, '0') ELSE t.style_no END AS sort_key
    FROM style t
    LEFT JOIN (SELECT style_no, array_agg(lot_no ORDER BY lot_no) AS lot_nos FROM lot WHERE firm = 'unassigned'
        GROUP BY style_no) l ON l.style_no = t.style_no
    WHERE t.firm = 'unassigned' AND :kind IN ('association', 'operator') AND :party <> ''
        AND (t.style_no ILIKE :like OR t.record ILIKE :like)
) AS found
ORDER BY CASE WHEN :descending THEN NULL ELSE sort_key END, sort_key DESC
LIMIT :most OFFSET :skipped;

-- name: certificates_of_lot
SELECT c.version, c.scheme, c.facts, c.quantity, c.valid_from, c.valid_to, c.lab, coalesce(b.name, c.lab) AS lab_name,
    c.report_no, c.state, c.filed_at, c.sha256, coalesce(m.reason, '') AS reason,
    coalesce(m.provisional, false) AS provisional
FROM certificate c LEFT JOIN party b ON b.party = c.lab
LEFT JOIN LATERAL (SELECT * FROM certificate_move v WHERE v.firm = c.firm AND v.lot_no = c.lot_no
    AND v.version = c.version ORDER BY v.n DESC LIMIT 1) m ON true
WHERE c.firm = :firm AND c.lot_no = :lot_no ORDER BY c.version DESC;

-- name: reports_of_lot
SELECT r.lab, coalesce(b.name, r.lab) AS lab_name, r.report_no, r.covers, r.issued_on, r.file_hash, r.sample_no, r.at
FROM report r LEFT JOIN party b ON b.party = r.lab WHERE r.firm = :firm AND r.lot_no = :lot_no ORDER BY r.at DESC;

-- name: samples_of_lot
SELECT sample_no, pieces, drawn_on, drawn_by, place, lab, at FROM sample
WHERE firm = :firm AND lot_no = :lot_no ORDER BY at DESC;

-- name: keys_of_lot
SELECT quota_key FROM quota_key WHERE firm = :firm AND lot_no = :lot_no ORDER BY minted_at, quota_key;

-- name: story_of_lot
SELECT e.at, e.what, e.detail, coalesce(n.name, '') AS name FROM (
    SELECT changed_at AS at, 'lot' AS what, source AS detail, person FROM lot WHERE firm = :firm AND lot_no = :lot_no
    UNION ALL SELECT at, 'sample', sample_no || ' (' || pieces || ')', person FROM sample
        WHERE firm = :firm AND lot_no = :lot_no
    UNION ALL SELECT at, 'report', report_no || ' ' || lab, person FROM report WHERE firm = :firm AND lot_no = :lot_no
    UNION ALL SELECT filed_at, 'filed', 'v' || version, filed_by FROM certificate
        WHERE firm = :firm AND lot_no = :lot_no
    UNION ALL SELECT at, CASE WHEN provisional THEN state || '_provisional' ELSE state END,
        'v' || version || ' ' || reason, person FROM certificate_move WHERE firm = :firm AND lot_no = :lot_no
) AS e LEFT JOIN person_name n ON n.person = e.person ORDER BY e.at DESC, e.what;
