-- Statements of central_registry/rolls: printed rolls handed over, scanned onto garments, returned, lost.

-- name: label_placed^
-- Where a label stands: the nth of its window's, and how.
SELECT s.serial, s.state, s.verdict | d.against AS verdict, d.draw, d.agent, d.window_id, d.quota_key, d.gtin, d.lot_no,
    left(d.sent_at, 13) AS hour, array_position(d.serials, s.serial) AS n
FROM serial s JOIN drawing d ON d.draw = s.draw
WHERE s.issuer = left(:serial, 3) AND s.serial = :serial;

-- name: windows_named
SELECT draw, quota_key, serials FROM drawing WHERE agent = :agent AND draw = ANY(:draws::bytea[]);

-- name: labels_not_free^
-- Of these, the first that may not be handed over: not printed, spoken against, or on a roll already.
SELECT w.serial, coalesce(s.state, -1) AS state, coalesce(s.verdict | d.against, 0) AS verdict, p.roll
FROM unnest(:serials::text[]) WITH ORDINALITY AS w (serial, n)
LEFT JOIN serial s ON s.issuer = left(w.serial, 3) AND s.serial = w.serial
LEFT JOIN drawing d ON d.draw = s.draw
LEFT JOIN roll_part p ON p.draw = s.draw AND array_position(d.serials, s.serial) BETWEEN p.first_n AND p.last_n
WHERE s.state IS DISTINCT FROM :printed::smallint OR (s.verdict | d.against) <> 0 OR p.roll IS NOT NULL
ORDER BY w.n LIMIT 1;

-- name: printing_agent^
SELECT agent FROM agent WHERE agent = :agent AND (owner = :party OR association = :party);

-- name: add_roll!
INSERT INTO roll (roll, agent, firm, association, quota_key, first_serial, last_serial, labels, state, handed_at, person)
VALUES (:roll, :agent, :firm, :association, :quota_key, :first_serial, :last_serial, :labels, 'open', :at, :person);

-- name: add_roll_parts!
INSERT INTO roll_part (roll, draw, first_n, last_n)
SELECT :roll, * FROM unnest(:draws::bytea[], :firsts::int[], :lasts::int[]);

-- name: roll_locked^
SELECT * FROM roll WHERE roll = :roll FOR UPDATE;

-- name: roll_of_label^
SELECT r.roll, r.firm, r.association FROM roll_part p JOIN roll r ON r.roll = p.roll
WHERE p.draw = :draw AND :n BETWEEN p.first_n AND p.last_n;

-- name: roll_label^
SELECT became, at, roll FROM roll_label WHERE serial = :serial;

-- name: labels_left
-- Still on the roll, in the order of printing of each window.
SELECT w.serial FROM roll_part p JOIN drawing d ON d.draw = p.draw
CROSS JOIN unnest(d.serials) WITH ORDINALITY AS w (serial, n)
WHERE p.roll = :roll AND w.n BETWEEN p.first_n AND p.last_n
    AND NOT EXISTS (SELECT FROM roll_label l WHERE l.serial = w.serial)
ORDER BY p.draw, w.n;

-- name: mark_labels!
INSERT INTO roll_label (serial, roll, became, at, person)
SELECT w.serial, :roll, :became, :at, :person FROM unnest(:serials::text[]) AS w (serial);

-- name: close_empty_roll!
UPDATE roll SET state = 'closed', closed_at = :at
WHERE roll = :roll AND labels = (SELECT count(*) FROM roll_label l WHERE l.roll = :roll);

-- name: sum_by_roll!
UPDATE label_sum SET by_roll = by_roll + 1 WHERE agent = :agent AND quota_key = :quota_key AND day = :day;

-- name: rolls_seen
-- Each with its sums, counted of its labels.
SELECT r.roll, r.agent, r.firm, coalesce(p.name, r.firm) AS firm_name, r.association, r.quota_key,
    coalesce(q.lot_no, '') AS lot_no, coalesce(q.style_no, '') AS style_no, r.first_serial, r.last_serial, r.labels,
    c.commissioned, c.returned, c.lost, r.labels - c.told AS still, r.state, r.handed_at, r.closed_at,
    coalesce(n.name, '') AS handed_by, count(*) OVER () AS total
FROM roll r LEFT JOIN party p ON p.party = r.firm LEFT JOIN quota_key q ON q.quota_key = r.quota_key
LEFT JOIN person_name n ON n.person = r.person
CROSS JOIN LATERAL (
    SELECT count(*) AS told, count(*) FILTER (WHERE became = 'commissioned') AS commissioned,
        count(*) FILTER (WHERE became = 'returned') AS returned, count(*) FILTER (WHERE became = 'lost') AS lost
    FROM roll_label l WHERE l.roll = r.roll
) c
WHERE (:roll = '' OR r.roll = :roll) AND (:state = '' OR r.state = :state) AND (:firm = '' OR r.firm = :firm)
    AND (r.association = :party OR EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = r.firm))
    AND (coalesce(p.name, '') || ' ' || r.quota_key || ' ' || coalesce(q.style_no, '') || ' ' || r.agent || ' ' ||
        r.first_serial || ' ' || r.last_serial) ILIKE :like
ORDER BY r.handed_at DESC, r.roll LIMIT :rows OFFSET :skipped;
