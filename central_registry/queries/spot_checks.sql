-- Statements of central_registry/cases/spot_checks.py and sums.py: spot checks, and what cases and checks add up to.

-- name: lots_to_check
-- Drawn by chance among lots of labels that nobody is to look at yet, of a firm that the party looks after.
SELECT l.lot_no, max(l.style_no) AS style_no FROM quota_key l
WHERE l.firm = :firm AND l.lot_no <> '' AND (:style_no = '' OR l.style_no = :style_no)
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = l.firm)
    AND NOT EXISTS (SELECT FROM spot_check c WHERE c.firm = l.firm AND c.lot_no = l.lot_no AND c.closed_at IS NULL)
GROUP BY l.lot_no ORDER BY random() LIMIT :lots;

-- name: add_spot_check!
INSERT INTO spot_check (spot, firm, lot_no, style_no, pieces, state, made_at, person, by_party)
VALUES (:spot, :firm, :lot_no, :style_no, :pieces, :state, :at, :person, :by_party);

-- name: spot_check_locked^
SELECT * FROM spot_check WHERE spot = :spot
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = spot_check.firm) FOR UPDATE;

-- name: spot_serials
SELECT serial FROM spot_sample WHERE spot = :spot ORDER BY at, serial;

-- name: spot_code^
SELECT q.firm, coalesce(q.lot_no, '') AS lot_no FROM serial s JOIN drawing d ON d.draw = s.draw
JOIN quota_key q ON q.quota_key = d.quota_key
WHERE s.issuer = left(:serial, 3) AND s.serial = :serial
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) f WHERE f.firm = q.firm);

-- name: add_spot_sample!
INSERT INTO spot_sample (spot, serial, at, person) VALUES (:spot, :serial, :at, :person);

-- name: close_spot_check!
UPDATE spot_check SET state = :state, said = :said, closed_at = :at, closed_by = :person WHERE spot = :spot;

-- name: spot_checks_seen
SELECT c.spot, c.firm, coalesce(p.name, c.firm) AS firm_name, c.lot_no, c.style_no, c.pieces, c.state, c.said, c.made_at,
    c.closed_at, (SELECT count(*) FROM spot_sample s WHERE s.spot = c.spot) AS sampled, count(*) OVER () AS total
FROM spot_check c LEFT JOIN party p ON p.party = c.firm
WHERE (:spot = '' OR c.spot = :spot) AND (:state = '' OR c.state = :state) AND (:firm = '' OR c.firm = :firm)
    AND (:kind IN ('operator', 'association', 'inspector') OR :kind = 'firm' AND c.closed_at IS NOT NULL)
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = c.firm)
    AND (c.spot || ' ' || coalesce(p.name, '') || ' ' || c.lot_no || ' ' || c.style_no) ILIKE :like
ORDER BY c.closed_at IS NOT NULL, c.closed_at DESC, c.made_at DESC, c.spot LIMIT :rows OFFSET :skipped;

-- name: case_sums
-- By firm, style or lot; a firm's complaints are those about which it was asked.
WITH told AS (
    SELECT firm, style_no, lot_no, 1 AS complaints, (state <> 'closed')::int AS open, 0 AS passed, 0 AS failed
    FROM complaint WHERE :kind <> 'firm' OR firm_asked
    UNION ALL
    SELECT firm, style_no, lot_no, 0, 0, (state = 'passed')::int, (state = 'failed')::int
    FROM spot_check WHERE closed_at IS NOT NULL
), named AS (
    SELECT firm, CASE WHEN :by <> 'firm' THEN style_no ELSE '' END AS style_no,
        CASE WHEN :by = 'lot' THEN lot_no ELSE '' END AS lot_no, complaints, open, passed, failed
    FROM told
)
SELECT n.firm, coalesce(max(p.name), n.firm) AS firm_name, n.style_no, n.lot_no, sum(n.complaints) AS complaints,
    sum(n.open) AS open, sum(n.passed) AS passed, sum(n.failed) AS failed
FROM named n LEFT JOIN party p ON p.party = n.firm
WHERE :kind IN ('operator', 'association', 'inspector', 'firm')
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = n.firm)
GROUP BY n.firm, n.style_no, n.lot_no ORDER BY sum(n.complaints) DESC, n.firm, n.style_no, n.lot_no;

-- name: qualified_rates
-- Months of Beijing.
SELECT c.firm, coalesce(max(p.name), c.firm) AS firm_name, to_char(c.closed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')
    AS month, count(*) FILTER (WHERE c.state = 'passed') AS passed, count(*) FILTER (WHERE c.state = 'failed') AS failed
FROM spot_check c LEFT JOIN party p ON p.party = c.firm
WHERE c.closed_at IS NOT NULL AND :kind IN ('operator', 'association', 'inspector', 'firm')
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = c.firm)
GROUP BY c.firm, 3 ORDER BY 3 DESC, 1;
