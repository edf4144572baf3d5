-- Statements of central_registry/oversight/label_stops.py and its neighbours: labels stopped one by one.

-- name: labels_chosen
-- Labels of a choice that belong to their window, with their state; `firm`: whose, of any that the asker sees.
SELECT s.issuer, s.serial, s.state, d.agent, d.window_id, d.sent_at, coalesce(d.lot_no, '') AS lot_no,
    coalesce(q.firm, 'unassigned') AS firm
FROM drawing d
JOIN LATERAL unnest(d.serials) AS w (serial) ON true
JOIN serial s ON s.issuer = left(w.serial, 3) AND s.serial = w.serial AND s.draw = d.draw
LEFT JOIN quota_key q ON q.quota_key = d.quota_key
WHERE d.agent = :agent AND (:windows::text[] IS NULL OR d.window_id = ANY(:windows::text[]))
    AND (:printer = '' OR d.printer = :printer)
    AND (:since = '' OR d.sent_at >= :since) AND (:until = '' OR d.sent_at < :until)
    AND (:lot_no = '' OR d.lot_no = :lot_no)
    AND (:windows::text[] IS NOT NULL OR coalesce(q.firm, 'unassigned') = :firm)
ORDER BY s.serial LIMIT :most;

-- name: labels_listed
SELECT s.issuer, s.serial, s.state, d.agent, d.window_id, d.sent_at, coalesce(d.lot_no, '') AS lot_no,
    coalesce(q.firm, 'unassigned') AS firm
FROM unnest(:issuers::text[], :serials::text[]) AS w (issuer, serial)
JOIN serial s ON s.issuer = w.issuer AND s.serial = w.serial
JOIN drawing d ON d.draw = s.draw
LEFT JOIN quota_key q ON q.quota_key = d.quota_key
ORDER BY s.serial;

-- name: add_label_stop!
INSERT INTO label_stop (stop, firm, kind, chosen, reason, labels, state, made_at, made_by)
VALUES (:stop, :firm, :kind, :chosen, :reason, :labels, :state, :at, :person);

-- name: add_stopped_labels!
INSERT INTO stopped_label (issuer, serial, stop)
SELECT w.issuer, w.serial, :stop FROM unnest(:issuers::text[], :serials::text[]) AS w (issuer, serial);

-- name: lock_label_stop^
SELECT stop, firm, kind, reason, labels, state, closed_at FROM label_stop WHERE stop = :stop FOR UPDATE;

-- name: move_label_stop!
UPDATE label_stop SET kind = :kind, state = :state, decided_at = :at WHERE stop = :stop;

-- name: close_label_stop!
UPDATE label_stop SET closed_at = :at, closed_by = :person, report = :report WHERE stop = :stop;

-- name: label_stops_seen
-- Of firms that the asker sees, the newest first; with what waits for a second person.
SELECT t.stop, t.firm, p.name AS firm_name, t.kind, t.chosen, t.reason, t.labels, t.state, t.made_at, t.decided_at,
    t.closed_at, t.report, w.decision, w.act, w.due_at
FROM label_stop t JOIN party p ON p.party = t.firm
LEFT JOIN LATERAL (
    SELECT d.decision, d.act, d.due_at FROM decision d
    WHERE d.about = t.stop AND d.act = ANY(:acts::text[]) AND d.outcome IS NULL ORDER BY d.made_at DESC LIMIT 1
) w ON true
WHERE EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = t.firm) AND (:stop = '' OR t.stop = :stop)
ORDER BY t.made_at DESC, t.stop;

-- name: labels_stopped
-- The labels of a stop as they stand now.
SELECT s.serial, s.state, d.agent, d.window_id, d.sent_at, coalesce(d.lot_no, '') AS lot_no, c.times
FROM stopped_label t
JOIN serial s ON s.issuer = t.issuer AND s.serial = t.serial
JOIN drawing d ON d.draw = s.draw
LEFT JOIN scan c ON c.serial = s.serial
WHERE t.stop = :stop ORDER BY s.serial;

-- name: stopped_and_moved
-- Labels of a stop of which something was told after they left; a garment in a carton has a row of its own that packed it.
SELECT DISTINCT t.serial FROM stopped_label t JOIN place_event e ON e.unit = t.serial
WHERE t.stop = :stop ORDER BY t.serial LIMIT :most;

-- name: stops_of_label
SELECT n.stop, n.kind, n.state, n.made_at, n.reason FROM stopped_label t JOIN label_stop n ON n.stop = t.stop
WHERE t.issuer = left(:serial, 3) AND t.serial = :serial ORDER BY n.made_at;
