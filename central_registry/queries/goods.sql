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
