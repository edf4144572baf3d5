-- Statements of central_registry/former: what came from the platform that an association had before.

-- name: stage_former#
-- Serials of a file, to be compared and taken in as a whole; COPY, which does not work under row-level security, does here.
CREATE TEMPORARY TABLE former_staged (
    line BIGINT, rest TEXT, host TEXT, code TEXT, own TEXT, firm TEXT, lot_no TEXT, style_no TEXT, label TEXT, state TEXT
) ON COMMIT DROP;

-- name: analyze_staged#
ANALYZE former_staged;

-- name: former_twice
-- Codes that stand in the file more than once, by the line that comes later.
SELECT line, first FROM (
    SELECT line, min(line) OVER (PARTITION BY rest, host) AS first FROM former_staged
) AS s WHERE line <> first ORDER BY line LIMIT :most;

-- name: former_own
-- Codes built like ours, of an issuer that this registry gave out.
SELECT s.line, s.own FROM former_staged s JOIN issuer i ON i.issuer = left(s.own, 3) WHERE s.own <> '' ORDER BY 1 LIMIT :most;

-- name: former_named
-- Whose serials, of which lots, under which labels, and where that stands first.
SELECT firm, lot_no, label, min(line) AS line, count(*) AS serials FROM former_staged GROUP BY 1, 2, 3 ORDER BY 4;

-- name: former_counts^
SELECT count(*) FILTER (WHERE f.rest IS NULL) AS new, count(*) FILTER (WHERE f.rest IS NOT NULL AND
        (f.firm, f.lot_no, f.style_no, f.label, f.state) = (s.firm, s.lot_no, s.style_no, s.label, s.state)) AS same,
    count(*) AS all
FROM former_staged s LEFT JOIN former_serial f ON f.rest = s.rest AND f.host = s.host;

-- name: former_differs
SELECT s.line, s.code, f.firm AS old_firm, s.firm, f.lot_no AS old_lot_no, s.lot_no, f.style_no AS old_style_no, s.style_no,
    f.label AS old_label, s.label, f.state AS old_state, s.state
FROM former_staged s JOIN former_serial f ON f.rest = s.rest AND f.host = s.host
WHERE (f.firm, f.lot_no, f.style_no, f.label, f.state) <> (s.firm, s.lot_no, s.style_no, s.label, s.state)
    AND (NOT :moved::boolean OR f.firm <> s.firm)
ORDER BY s.line LIMIT :most;

-- name: replace_former_serials!
UPDATE former_serial f SET code = s.code, lot_no = s.lot_no, style_no = s.style_no, label = s.label, state = s.state,
    import_id = :import_id
FROM former_staged s
WHERE f.rest = s.rest AND f.host = s.host AND f.firm = s.firm
    AND (f.lot_no, f.style_no, f.label, f.state) <> (s.lot_no, s.style_no, s.label, s.state);

-- name: add_former_serials!
INSERT INTO former_serial (rest, host, code, firm, lot_no, style_no, label, state, import_id, own)
SELECT rest, host, code, firm, lot_no, style_no, label, state, :import_id::bigint, own FROM former_staged
ON CONFLICT (rest, host) DO NOTHING;

-- name: drop_refused_serials!
-- Of a file that is refused: what the lines that are sound would do stays to be counted.
DELETE FROM former_staged s WHERE s.firm <> ALL(:firms::text[])
    OR s.label <> '' AND NOT EXISTS (
        SELECT FROM former_row r WHERE r.firm = s.firm AND r.kind = 'label' AND r.number = s.label)
    OR s.own <> '' AND EXISTS (SELECT FROM issuer i WHERE i.issuer = left(s.own, 3))
    OR EXISTS (SELECT FROM former_serial f WHERE f.rest = s.rest AND f.host = s.host AND f.firm <> s.firm)
    OR s.line IN (SELECT t.line FROM (
        SELECT line, min(line) OVER (PARTITION BY rest, host) AS first FROM former_staged) AS t WHERE t.line <> t.first);

-- name: former_issuers$
SELECT fence_former_issuers();

-- name: former_elsewhere
-- Those that were not taken in: another association brought that code, whose row is not seen here.
SELECT s.line, s.code FROM former_staged s LEFT JOIN former_serial f ON f.rest = s.rest AND f.host = s.host
WHERE f.rest IS NULL ORDER BY s.line LIMIT :most;

-- name: add_former_import!
INSERT INTO former_import (import_id, association, platform, exported_on, sha256, lines, told, at, person)
VALUES (:import_id, :association, :platform, :exported_on, :sha256, :lines, :told, :at, :person);

-- name: former_rows
SELECT r.firm, r.kind, r.number, r.body FROM former_row r
JOIN unnest(:firms::text[], :kinds::text[], :numbers::text[]) AS w (firm, kind, number) USING (firm, kind, number);

-- name: put_former_rows!
INSERT INTO former_row (firm, kind, number, body, import_id)
SELECT w.*, :import_id::bigint
FROM unnest(:firms::text[], :kinds::text[], :numbers::text[], :bodies::text[]) AS w (firm, kind, number, body)
ON CONFLICT (firm, kind, number) DO UPDATE SET body = excluded.body, import_id = excluded.import_id;

-- name: firms_here
SELECT p.party, p.kind, p.name, EXISTS (SELECT FROM membership m
    WHERE m.association = :association AND m.party = p.party AND m.ended_at IS NULL) AS member
FROM party p WHERE p.party = ANY(:parties::text[]);

-- name: lots_here
SELECT l.firm, l.lot_no FROM lot l
JOIN unnest(:firms::text[], :lot_nos::text[]) AS w (firm, lot_no) ON w.firm = l.firm AND w.lot_no = l.lot_no;

-- name: add_former_certificate$
-- The next version of this lot, as the former platform had it: it lets nothing be ordered here.
INSERT INTO certificate (firm, lot_no, version, scheme, facts, quantity, valid_from, valid_to, lab, report_no, state,
    source, filed_at, filed_by, sha256)
SELECT :firm, :lot_no, coalesce(max(version), 0) + 1, :scheme, :facts, :quantity, :valid_from, :valid_to, :lab,
    :report_no, 'imported', 'import', :at, :person, :sha256
FROM certificate WHERE firm = :firm AND lot_no = :lot_no
RETURNING version;

-- name: former_code_seen^
-- For people: of a firm whose codes they see.
SELECT f.code, f.firm, coalesce(p.name, f.firm) AS firm_name, f.lot_no, f.style_no, f.state, f.label AS label_name,
    l.body AS label, i.platform, i.exported_on, i.sha256, i.at AS imported_at, coalesce(n.name, '') AS imported_by
FROM former_serial f
LEFT JOIN former_import i ON i.import_id = f.import_id
LEFT JOIN person_name n ON n.person = i.person
LEFT JOIN party p ON p.party = f.firm
LEFT JOIN former_row l ON l.firm = f.firm AND l.kind = 'label' AND l.number = f.label
WHERE f.rest = :rest AND f.host = :host AND :kind <> 'lab'
    AND f.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s);

-- name: former_codes_listed
SELECT f.code, f.firm, coalesce(p.name, f.firm) AS firm_name, f.lot_no, f.style_no, f.state, f.label, i.platform,
    i.at AS imported_at
FROM former_serial f
LEFT JOIN former_import i ON i.import_id = f.import_id
LEFT JOIN party p ON p.party = f.firm
WHERE :kind <> 'lab' AND f.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s)
    AND (:firm::text IS NULL OR f.firm = :firm) AND (:lot_no::text IS NULL OR f.lot_no = :lot_no)
    AND (:state::text IS NULL OR f.state = :state) AND (:like = '%%' OR f.code LIKE :like OR f.lot_no LIKE :like)
ORDER BY f.firm, f.lot_no, f.rest, f.host LIMIT :most OFFSET :skipped;

-- name: former_codes_counted$
SELECT count(*) FROM former_serial f
WHERE :kind <> 'lab' AND f.firm IN (SELECT s.firm FROM firms_seen(:party, :kind, false) s)
    AND (:firm::text IS NULL OR f.firm = :firm) AND (:lot_no::text IS NULL OR f.lot_no = :lot_no)
    AND (:state::text IS NULL OR f.state = :state) AND (:like = '%%' OR f.code LIKE :like OR f.lot_no LIKE :like);

-- name: former_imports_listed
SELECT i.import_id, i.association, coalesce(a.name, i.association) AS association_name, i.platform, i.exported_on, i.sha256,
    i.lines, i.told, i.at, coalesce(n.name, '') AS person_name
FROM former_import i LEFT JOIN party a ON a.party = i.association LEFT JOIN person_name n ON n.person = i.person
WHERE i.association = :party OR :kind = 'operator' ORDER BY i.at DESC, i.import_id LIMIT 1000;

-- name: former_of_lot^
-- Codes of the former platform that are on paper or were given out; void ones are no goods. Who brought the lot, if it was.
SELECT (SELECT count(*) FROM former_serial f WHERE f.firm = :firm AND f.lot_no = :lot_no AND f.state <> 'void') AS serials,
    (SELECT count(*) FROM former_serial f WHERE f.firm = :firm AND f.lot_no = :lot_no AND f.state = 'void') AS void,
    i.platform, i.sha256, i.at, coalesce(n.name, '') AS person_name
FROM (SELECT 1) AS one
LEFT JOIN former_row r ON r.firm = :firm AND r.kind = 'lot' AND r.number = :lot_no
LEFT JOIN former_import i ON i.import_id = r.import_id
LEFT JOIN person_name n ON n.person = i.person;

-- name: any_former$
SELECT EXISTS (SELECT FROM former_serial);

-- name: former_code
-- A link that was asked of this registry's own host may be of any; more than one answers nothing. What stops its lot.
SELECT f.code, f.firm, coalesce(p.name, '') AS firm_name, f.lot_no, f.style_no, f.state, i.platform, i.at AS imported_at,
    l.body AS label, ARRAY(SELECT r.body FROM quota_key k
        JOIN feed_item r ON r.agent = '*' AND r.kind IN ('recall', 'suspension') AND r.key = k.quota_key
        WHERE k.firm = f.firm AND k.lot_no = f.lot_no AND f.lot_no <> '' ORDER BY r.kind) AS notices
FROM former_serial f
JOIN former_import i ON i.import_id = f.import_id
LEFT JOIN party p ON p.party = f.firm
LEFT JOIN former_row l ON l.firm = f.firm AND l.kind = 'label' AND l.number = f.label
WHERE f.rest = :rest AND (:host::text IS NULL OR f.host = :host)
    AND (:association::text IS NULL OR i.association = :association) LIMIT 2;
