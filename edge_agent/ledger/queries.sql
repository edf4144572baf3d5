-- Every query of the ledger, by name. Values travel as parameters, never as text.

-- events -------------------------------------------------------------------------------------------------------------

-- name: append_event
INSERT INTO event (incarnation, seq, body, hash) VALUES (?, ?, ?, ?)

-- name: head
SELECT e.incarnation, e.seq, e.hash FROM event e
WHERE e.incarnation = (SELECT incarnation FROM incarnation ORDER BY ordinal DESC LIMIT 1)
ORDER BY e.seq DESC LIMIT 1

-- name: event_body
SELECT body FROM event WHERE incarnation = ? AND seq = ?

-- name: event_hash
SELECT hash FROM event WHERE incarnation = ? AND seq = ?

-- name: events_after
SELECT seq, body, hash FROM event WHERE incarnation = ? AND seq > ? ORDER BY seq LIMIT ?

-- name: events_about
SELECT body FROM event WHERE about IN (?, ?, ?, ?) ORDER BY rowid

-- name: who_ordered
-- The first event about a job opened it; an event of a fork holds it one or more steps down.
SELECT coalesce(json_extract(body, '$.operator'), json_extract(body, '$.event.operator'),
                json_extract(body, '$.event.event.operator'))
FROM (SELECT CAST(body AS TEXT) AS body FROM event WHERE about = ? ORDER BY rowid LIMIT 1)

-- name: last_seq
SELECT coalesce(max(seq), 0) FROM event WHERE incarnation = ?

-- name: event_count
SELECT count(*) FROM event

-- name: event_incarnations
SELECT incarnation FROM event GROUP BY incarnation ORDER BY min(rowid)

-- name: incarnations
SELECT i.ordinal, i.incarnation, i.parent, i.parent_seq, i.parent_hash,
       (SELECT coalesce(max(e.seq), 0) FROM event e WHERE e.incarnation = i.incarnation)
FROM incarnation i ORDER BY i.ordinal

-- name: add_incarnation
INSERT INTO incarnation (incarnation, parent, parent_seq, parent_hash) VALUES (?, ?, ?, ?)

-- name: add_checkpoint
INSERT INTO checkpoint (incarnation, seq, hash) VALUES (?, ?, ?)

-- name: last_checkpoint
SELECT seq, hash FROM checkpoint WHERE incarnation = ? ORDER BY seq DESC LIMIT 1

-- name: checkpoints
SELECT c.incarnation, c.seq, c.hash, e.hash FROM checkpoint c LEFT JOIN event e USING (incarnation, seq)

-- name: drop_checkpoints
DELETE FROM checkpoint WHERE incarnation = ? AND seq >= ?

-- name: move_aside
INSERT INTO forked_event (incarnation, seq, retold_in, body, hash)
SELECT incarnation, seq, ?, body, hash FROM event WHERE incarnation = ? AND seq >= ?

-- name: drop_moved
DELETE FROM event WHERE incarnation = ? AND seq >= ?

-- name: forked
SELECT incarnation, seq, body, hash FROM forked_event WHERE retold_in = ? ORDER BY rowid

-- name: acked
SELECT seq FROM acked WHERE incarnation = ?

-- name: set_acked
INSERT INTO acked (incarnation, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq

-- name: keep_receipt
INSERT INTO receipt (incarnation, seq, hash, seal) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET seq = excluded.seq, hash = excluded.hash, seal = excluded.seal WHERE excluded.seq > receipt.seq

-- name: receipt
SELECT incarnation, seq, hash, seal FROM receipt WHERE incarnation = ?

-- name: newest_receipt
SELECT r.incarnation, r.seq, r.hash, r.seal FROM receipt r JOIN incarnation i ON i.incarnation = r.incarnation
ORDER BY i.ordinal DESC LIMIT 1

-- snapshots ----------------------------------------------------------------------------------------------------------

-- name: add_snapshot
INSERT INTO snapshot (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: snapshot
SELECT body FROM snapshot WHERE hash = ?

-- name: all_snapshots
SELECT hash, body FROM snapshot

-- name: missing_snapshots
SELECT o.snapshot FROM (SELECT snapshot FROM job UNION SELECT snapshot FROM copies) o
WHERE NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.hash = o.snapshot)

-- enrolment and feed -------------------------------------------------------------------------------------------------

-- name: set_identity
INSERT INTO identity (one, agent, issuer, epoch, registry) VALUES (1, :agent, :issuer, :epoch, :registry)
ON CONFLICT DO UPDATE SET agent = :agent, issuer = :issuer, epoch = :epoch, registry = :registry

-- name: identity
SELECT agent, issuer, epoch, registry FROM identity

-- name: set_feed
INSERT INTO feed (one, cursor, epoch) VALUES (1, :cursor, :epoch)
ON CONFLICT DO UPDATE SET cursor = :cursor, epoch = :epoch

-- name: feed
SELECT cursor, epoch FROM feed

-- name: set_allotment
INSERT INTO allotment (quota_key, allotted, spoilage_permille) VALUES (:quota_key, :quantity, :spoilage_permille)
ON CONFLICT DO UPDATE SET allotted = :quantity, spoilage_permille = :spoilage_permille

-- name: set_suspension
INSERT INTO allotment (quota_key, suspended, reason) VALUES (:quota_key, :suspended, :reason)
ON CONFLICT DO UPDATE SET suspended = :suspended, reason = :reason

-- name: set_recall
INSERT INTO allotment (quota_key, recalled, reason) VALUES (:quota_key, 1, :reason)
ON CONFLICT DO UPDATE SET recalled = 1, reason = :reason

-- name: allotment
SELECT allotted, spoilage_permille, suspended, recalled, reason FROM allotment WHERE quota_key = ?

-- name: stopped
SELECT quota_key, recalled, reason FROM allotment WHERE suspended OR recalled ORDER BY quota_key

-- name: quota_keys
SELECT quota_key FROM allotment UNION SELECT key FROM tally WHERE scope = 'quota' ORDER BY 1

-- name: add_fed_body
INSERT INTO fed_body (sha256, body) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: fed_body
SELECT body FROM fed_body WHERE sha256 = ?

-- name: all_fed_bodies
SELECT sha256, body FROM fed_body

-- name: set_fed_record
INSERT INTO fed_record (kind, no, firm, record) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET record = excluded.record

-- name: fed_record
-- That of the firm, else what was fed before firms were.
SELECT record FROM fed_record WHERE kind = ?1 AND no = ?2 AND firm IN (?3, '') ORDER BY firm DESC LIMIT 1

-- name: fed_records
SELECT no, firm, record FROM fed_record WHERE kind = ? ORDER BY no, firm

-- name: set_allotted_to
INSERT INTO allotted_to (quota_key, firm, firm_name, lot_no, style_no, gtins)
VALUES (:quota_key, :firm, :firm_name, :lot_no, :style_no, :gtins) ON CONFLICT DO UPDATE
SET firm = :firm, firm_name = :firm_name, lot_no = :lot_no, style_no = :style_no, gtins = :gtins

-- name: allotted_to
SELECT quota_key, firm, firm_name, lot_no, style_no, gtins FROM allotted_to WHERE quota_key = ?

-- name: allotted_to_any
SELECT a.quota_key, a.firm, a.firm_name, a.lot_no, a.style_no, a.gtins
FROM allotted_to a JOIN allotment q USING (quota_key)
WHERE a.lot_no IS :lot_no AND (:lot_no IS NOT NULL OR a.style_no = :style_no) ORDER BY q.allotted = 0, a.quota_key

-- name: keys_of_lots
SELECT quota_key, lot_no FROM allotted_to WHERE lot_no IS NOT NULL ORDER BY quota_key

-- name: firms
SELECT DISTINCT firm, firm_name FROM allotted_to WHERE firm <> '' ORDER BY firm

-- name: set_lease
-- The same end told again leaves a closed lease closed; a later one, or none, opens it.
INSERT INTO lease (quota_key, until, warn_days) VALUES (:quota_key, :until, :warn_days) ON CONFLICT DO UPDATE
SET until = :until, warn_days = :warn_days, closed_at = CASE WHEN until >= :until THEN closed_at END

-- name: close_lease
UPDATE lease SET closed_at = :at WHERE quota_key = :quota_key AND until = :until

-- name: lease
SELECT quota_key, until, warn_days, closed_at FROM lease WHERE quota_key = ?

-- name: leases
SELECT quota_key, until, warn_days, closed_at FROM lease WHERE until IS NOT NULL ORDER BY until, quota_key

-- name: leases_ended
SELECT l.quota_key, l.until FROM lease l
WHERE l.until <= ? AND l.closed_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM "window" w JOIN job j USING (job_id) WHERE w.state = 'sending' AND j.quota_key = l.quota_key)
ORDER BY l.until, l.quota_key

-- name: a_lease_runs
SELECT 1 FROM lease WHERE until IS NOT NULL AND closed_at IS NULL LIMIT 1

-- name: set_certificate
INSERT INTO certificate (quota_key, firm, lot_no, version, scheme, valid_from, valid_to, facts, sha256, withdrawn, reason)
VALUES (:quota_key, :firm, :lot_no, :version, :scheme, :valid_from, :valid_to, :facts, :sha256, :withdrawn, :reason)
ON CONFLICT DO UPDATE SET firm = :firm, lot_no = :lot_no, version = :version, scheme = :scheme, valid_from = :valid_from,
  valid_to = :valid_to, facts = :facts, sha256 = :sha256, withdrawn = :withdrawn, reason = :reason

-- name: certificate
SELECT quota_key, version, scheme, valid_from, valid_to, facts, sha256, withdrawn, reason FROM certificate
WHERE quota_key = ?

-- time ---------------------------------------------------------------------------------------------------------------

-- name: note_time
INSERT INTO newest (one, at) VALUES (1, :at) ON CONFLICT DO UPDATE SET at = :at WHERE at < :at

-- name: begin_time_anew
UPDATE newest SET at = :at

-- name: newest
SELECT at FROM newest

-- name: hear
INSERT INTO heard (one, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at

-- name: heard
SELECT at FROM heard

-- jobs ---------------------------------------------------------------------------------------------------------------

-- name: add_job
INSERT INTO job (job_id, state, reason, template, printer, quantity, snapshot, gtin, lot_no, quota_key, replaces, opened_at,
                 scan_every)
VALUES (:job, 'running', '', :template, :printer, :quantity, :snapshot, :gtin, :lot_no, :quota_key, :replaces_json, :at,
        :scan_every)

-- name: claim_key
INSERT INTO job_key (key, request_hash, job_id) VALUES (:key, :request_hash, :job)

-- name: claim_key_if_free
INSERT INTO job_key (key, request_hash, job_id) VALUES (:key, :request_hash, :job) ON CONFLICT DO NOTHING

-- name: job_of_key
SELECT job_id, request_hash FROM job_key WHERE key = ?

-- name: keys_below
-- One order of several jobs has a key `x` and its jobs `x/…`; `0` is the character after `/`.
SELECT key FROM job_key WHERE key > ?1 || '/' AND key < ?1 || '0' ORDER BY rowid

-- name: move_job
UPDATE job SET state = :state, reason = :reason WHERE job_id = :job

-- name: job_state
SELECT state, reason FROM job WHERE job_id = ?

-- name: job
SELECT j.job_id, j.state, j.reason, j.template, j.printer, j.quantity,
       coalesce(sum(t.n), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state IN ('printed', 'commissioned')), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'in_doubt'), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'invalid'), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'scrapped'), 0),
       j.snapshot, j.gtin, j.lot_no, j.quota_key, j.opened_at, j.replaces, j.scan_every, j.unscanned
FROM job j LEFT JOIN tally t ON t.scope = 'job' AND t.key = j.job_id
WHERE j.job_id = ? GROUP BY j.job_id

-- name: jobs
SELECT j.job_id, j.state, j.reason, j.template, j.printer, j.quantity,
       coalesce(sum(t.n), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state IN ('printed', 'commissioned')), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'in_doubt'), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'invalid'), 0),
       coalesce(sum(t.n) FILTER (WHERE t.state = 'scrapped'), 0),
       j.snapshot, j.gtin, j.lot_no, j.quota_key, j.opened_at, j.replaces, j.scan_every, j.unscanned
FROM job j LEFT JOIN tally t ON t.scope = 'job' AND t.key = j.job_id
GROUP BY j.job_id ORDER BY j.rowid

-- name: recent_job_ids
SELECT job_id FROM job ORDER BY rowid DESC LIMIT ?

-- name: job_ids_before
SELECT job_id FROM job WHERE rowid < (SELECT rowid FROM job WHERE job_id = ?) ORDER BY rowid DESC LIMIT ?

-- name: open_job_ids
SELECT job_id FROM job WHERE state IN ('running', 'waiting', 'paused') ORDER BY rowid

-- name: next_jobs_on
SELECT job_id FROM job
WHERE printer IN (SELECT value FROM json_each(?)) AND state IN ('running', 'waiting') ORDER BY rowid

-- name: active_jobs
SELECT job_id FROM job WHERE state IN ('running', 'waiting') ORDER BY rowid

-- name: note_unscanned
UPDATE job SET unscanned = unscanned + 1 WHERE job_id = ?

-- name: note_sampled
-- A label of the last window that its job has printed: any other says nothing of what the printer does now.
UPDATE job SET unscanned = 0
WHERE unscanned > 0 AND job_id = (SELECT w.job_id FROM label l JOIN "window" w USING (window_no) WHERE l.serial = ?1)
  AND (SELECT window_no FROM label WHERE serial = ?1) = (
    SELECT window_no FROM "window" w WHERE w.job_id = job.job_id AND w.state = 'printed' ORDER BY window_no DESC LIMIT 1)

-- name: last_printed_of
SELECT window_id FROM "window" WHERE job_id = ? AND state = 'printed' ORDER BY window_no DESC LIMIT 1

-- name: add_claim
INSERT INTO claim (serial, job_id) VALUES (?, ?)

-- name: add_claim_if_free
INSERT INTO claim (serial, job_id) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: claimant
SELECT job_id FROM claim WHERE serial = ?

-- name: drop_claim
DELETE FROM claim WHERE serial = ?

-- name: drop_claims
DELETE FROM claim WHERE job_id = ?

-- windows ------------------------------------------------------------------------------------------------------------

-- name: next_label
SELECT coalesce(max(label_no), 0) + 1 FROM label

-- name: add_window
INSERT INTO "window" (window_id, job_id, printer, counter, first_label, size, state, sent_at, changed_at)
VALUES (:window, :job, :printer, :counter, :first_label, :size, 'sending', :at, :at)

-- name: window_row
SELECT w.window_no, w.first_label, w.size, w.state, w.job_id, j.quota_key, j.scan_every
FROM "window" w JOIN job j USING (job_id) WHERE w.window_id = ?

-- name: judge_window
UPDATE "window" SET state = :state, reason = :reason, changed_at = :at WHERE window_no = :window_no

-- name: sending_windows
SELECT window_id, job_id FROM "window" WHERE state = 'sending' ORDER BY window_no

-- name: sending_on
SELECT window_id FROM "window" WHERE state = 'sending' AND printer = ?

-- name: last_window_on
SELECT state, size, window_id FROM "window" WHERE printer = ? ORDER BY window_no DESC LIMIT 1

-- name: window
SELECT w.window_id, w.job_id, w.printer, j.snapshot, w.counter, w.first_label, w.size
FROM "window" w JOIN job j USING (job_id) WHERE w.window_id = ?

-- name: doubted_windows
SELECT w.window_id FROM label l JOIN "window" w USING (window_no)
WHERE l.state NOT IN ('printed', 'commissioned') AND l.state = 'in_doubt' GROUP BY w.window_no ORDER BY w.window_no

-- labels -------------------------------------------------------------------------------------------------------------

-- name: add_label
INSERT INTO label (serial, state, window_no, replaces) VALUES (?, 'sending', ?, ?)

-- name: replaced_by
UPDATE label SET replaced_by = :new WHERE serial = :old AND replaced_by IS NULL

-- name: judge_labels
UPDATE label SET state = :state, level = :level WHERE label_no BETWEEN :first AND :last

-- name: label_row
SELECT l.state, w.job_id, j.quota_key, l.replaced_by
FROM label l JOIN "window" w USING (window_no) JOIN job j USING (job_id) WHERE l.serial = ?

-- name: move_label
UPDATE label SET state = :state, level = coalesce(:level, level), operator = :operator, reason = :reason, changed_at = :at
WHERE serial = :serial

-- name: prove_label
UPDATE label SET level = 'scan' WHERE serial = :serial

-- name: window_serials
SELECT serial FROM label WHERE label_no >= ? AND label_no < ? ORDER BY label_no

-- name: window_labels
SELECT l.serial, l.state, l.level, w.window_id, w.job_id, w.printer, j.snapshot, j.gtin, j.lot_no, l.replaces, l.replaced_by,
       l.operator, coalesce(l.reason, CASE WHEN l.state = w.state THEN w.reason END), w.sent_at,
       coalesce(l.changed_at, w.changed_at)
FROM "window" w JOIN label l ON l.label_no BETWEEN w.first_label AND w.first_label + w.size - 1 JOIN job j USING (job_id)
WHERE w.window_id = ? ORDER BY l.label_no

-- name: label
SELECT l.serial, l.state, l.level, w.window_id, w.job_id, w.printer, j.snapshot, j.gtin, j.lot_no, l.replaces, l.replaced_by,
       l.operator, coalesce(l.reason, CASE WHEN l.state = w.state THEN w.reason END), w.sent_at,
       coalesce(l.changed_at, w.changed_at)
FROM label l JOIN "window" w USING (window_no) JOIN job j USING (job_id) WHERE l.serial = ?

-- name: labels_all
SELECT serial FROM label WHERE serial > ? ORDER BY serial LIMIT ?

-- name: labels_odd
SELECT serial FROM label WHERE state NOT IN ('printed', 'commissioned') AND state = ? AND serial > ?
ORDER BY serial LIMIT ?

-- name: labels_good
SELECT serial FROM label WHERE state = ? AND serial > ? ORDER BY serial LIMIT ?

-- name: missing_labels
-- Void, not replaced, and no open job is going to.
SELECT w.job_id, l.serial
FROM (SELECT j.rowid AS job_no, j.job_id FROM job j
      WHERE (j.job_id = :job_id OR j.lot_no = :lot_no) AND EXISTS (
        SELECT 1 FROM tally t
        WHERE t.scope = 'job' AND t.key = j.job_id AND t.state IN ('scrapped', 'invalid') AND t.n > 0)) o
CROSS JOIN "window" w ON w.job_id = o.job_id
CROSS JOIN label l ON l.label_no BETWEEN w.first_label AND w.first_label + w.size - 1
WHERE l.state IN ('scrapped', 'invalid') AND l.replaced_by IS NULL
  AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.serial = l.serial)
ORDER BY o.job_no, l.label_no LIMIT :limit

-- name: find_labels
-- Windows from the newest on, each with its labels from the last on. CROSS JOIN keeps that order: no sort, so the page's
-- last row ends the work. Jobs are few, so they are chosen first, once.
WITH goods AS MATERIALIZED (
  SELECT hash FROM snapshot
  WHERE instr(lower(coalesce(json_extract(CAST(body AS TEXT), '$.product.style_no'), '')), :style_no)
    AND :size IN ('', json_extract(CAST(body AS TEXT), '$.product.size'))
), wanted AS MATERIALIZED (
  SELECT j.job_id FROM job j
  WHERE :job_id IN ('', j.job_id)
    AND (:lot_no = '' OR instr(lower(coalesce(j.lot_no, '')), :lot_no))
    AND (:style_no || :size = '' OR j.snapshot IN (SELECT hash FROM goods))
    AND (:state = '' OR EXISTS (
      SELECT 1 FROM tally t WHERE t.scope = 'job' AND t.key = j.job_id AND t.state = :state AND t.n > 0))
    AND (:operator = x'' OR EXISTS (
      SELECT 1 FROM (SELECT body FROM event WHERE about = j.job_id ORDER BY rowid LIMIT 1) WHERE instr(body, :operator)))
)
SELECT l.serial
FROM "window" w CROSS JOIN label l ON l.label_no BETWEEN w.first_label AND w.first_label + w.size - 1
WHERE w.window_no <= coalesce((SELECT window_no FROM label WHERE serial = :after), 9223372036854775807)
  AND +w.job_id IN (SELECT job_id FROM wanted) -- `+`: not by its index, which would read and sort whole jobs
  AND :printer IN ('', w.printer) AND w.sent_at >= :since AND w.sent_at < :until
  AND l.label_no < coalesce((SELECT label_no FROM label WHERE serial = :after), 9223372036854775807)
  AND :state IN ('', l.state)
ORDER BY w.window_no DESC, l.label_no DESC LIMIT :limit

-- books --------------------------------------------------------------------------------------------------------------

-- name: add_tally
INSERT INTO tally (scope, key, state, n) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n

-- name: take_tally
UPDATE tally SET n = n - ? WHERE scope = ? AND key = ? AND state = ?

-- name: tally
SELECT state, n FROM tally WHERE scope = 'quota' AND key = ?

-- name: counted
SELECT j.quota_key, l.state, count(*) FROM label l JOIN "window" w USING (window_no) JOIN job j USING (job_id) GROUP BY 1, 2

-- name: label_count
SELECT count(*) FROM label

-- reports ------------------------------------------------------------------------------------------------------------

-- name: labels_drawn
-- By the quarter of an hour: all clocks of the world differ by whole ones, so the hours of any site are sums of these.
-- `+`: not by the index of jobs, which would save the sort and read every window that there is.
SELECT +w.job_id, w.printer, substr(w.sent_at, 1, 14) || printf('%02d', substr(w.sent_at, 15, 2) / 15 * 15),
       l.state, count(*), count(l.replaces)
FROM "window" w CROSS JOIN label l ON l.label_no BETWEEN w.first_label AND w.first_label + w.size - 1
WHERE substr(w.sent_at, 1, 13) BETWEEN substr(:since, 1, 13) AND substr(:until, 1, 13)
  AND w.sent_at >= :since AND w.sent_at < :until
GROUP BY 1, 2, 3, 4

-- name: labels_moved
-- Of a window that was never sent no label moved alone; it counts where its serials were drawn.
SELECT w.job_id, w.printer, l.state, coalesce(l.operator, ''), coalesce(l.reason, ''), count(*)
FROM label l CROSS JOIN "window" w USING (window_no)
WHERE substr(l.changed_at, 1, 13) BETWEEN substr(:since, 1, 13) AND substr(:until, 1, 13)
  AND l.changed_at >= :since AND l.changed_at < :until
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT job_id, printer, state, '', coalesce(reason, ''), sum(size) FROM "window"
WHERE substr(sent_at, 1, 13) BETWEEN substr(:since, 1, 13) AND substr(:until, 1, 13)
  AND sent_at >= :since AND sent_at < :until AND state = 'invalid'
GROUP BY 1, 2, 5

-- name: garments_packed
SELECT operator, count(*) FROM packed
WHERE substr(packed_at, 1, 13) BETWEEN substr(:since, 1, 13) AND substr(:until, 1, 13)
  AND packed_at >= :since AND packed_at < :until
GROUP BY 1

-- name: cartons_closed
SELECT operator, count(*) FROM carton WHERE state = 'closed' AND changed_at >= :since AND changed_at < :until GROUP BY 1

-- name: copies_ordered
SELECT copies_id FROM copies WHERE opened_at >= :since AND opened_at < :until ORDER BY rowid

-- name: labels_in_doubt
-- The first condition is that of the index `label_odd`, without which a million good labels would be read.
SELECT count(*) FROM label WHERE state NOT IN ('printed', 'commissioned') AND state = 'in_doubt'

-- name: jobs_not_over
-- Before `since`: they are open, or their last event is of later.
SELECT j.job_id FROM job j
WHERE j.opened_at >= :oldest AND j.opened_at < :until
  AND (j.state IN ('running', 'waiting', 'paused') OR (
    SELECT CAST(substr(l.body, instr(l.body, x'226174223a22') + 6, 24) AS TEXT) -- "at":"
    FROM event l WHERE l.about = j.job_id ORDER BY l.rowid DESC LIMIT 1) >= :since)
ORDER BY j.rowid

-- copies -------------------------------------------------------------------------------------------------------------

-- name: add_copies
INSERT INTO copies (copies_id, key, request_hash, state, reason, template, printer, snapshot, quantity, unchecked, operator,
                    opened_at, changed_at)
VALUES (:copies, :key, :request_hash, 'open', '', :template, :printer, :snapshot, :quantity, :unchecked, :operator, :at, :at)

-- name: add_copies_under_free_key
-- An order of a fork whose key the registry's history used too: the key stays with that one.
INSERT INTO copies (copies_id, key, request_hash, state, reason, template, printer, snapshot, quantity, unchecked, operator,
                    opened_at, changed_at)
SELECT :copies, CASE WHEN EXISTS (SELECT 1 FROM copies WHERE key = :key) THEN :copies ELSE :key END, :request_hash,
       'open', '', :template, :printer, :snapshot, :quantity, :unchecked, :operator, :at, :at

-- name: copies_of_key
SELECT copies_id, request_hash FROM copies WHERE key = ?

-- name: copies_state
SELECT state, sending, level FROM copies WHERE copies_id = ?

-- name: note_copies_sending
UPDATE copies SET sending = :labels, changed_at = :at WHERE copies_id = :copies

-- name: copies_proven
UPDATE copies SET printed = printed + sending, sending = 0, level = :weakest, changed_at = :at WHERE copies_id = :copies

-- name: copies_unproven
UPDATE copies SET unproven = unproven + sending, sending = 0, changed_at = :at WHERE copies_id = :copies

-- name: end_copies
UPDATE copies SET state = :state, reason = :reason, changed_at = :at WHERE copies_id = :copies

-- name: copies
SELECT copies_id, state, reason, template, printer, quantity, printed, unproven, sending, level, snapshot, operator,
       opened_at, changed_at, unchecked
FROM copies WHERE copies_id = ?

-- name: next_copies_on
SELECT copies_id FROM copies WHERE printer = ? AND (state = 'open' OR sending > 0) ORDER BY rowid LIMIT 1

-- name: unfinished_copies
SELECT copies_id FROM copies WHERE state = 'open' OR sending > 0 ORDER BY rowid

-- name: recent_copies
SELECT copies_id FROM copies ORDER BY rowid DESC LIMIT ? OFFSET ?

-- name: set_copied
UPDATE printer SET copied = copied + :rows WHERE printer = :printer

-- name: copied
SELECT copied FROM printer WHERE printer = ?

-- cartons ------------------------------------------------------------------------------------------------------------

-- name: add_carton
INSERT INTO carton (carton, key, state, operator, opened_at, changed_at)
VALUES (:carton, :key, 'open', :operator, :at, :at)

-- name: open_carton_again
UPDATE carton SET state = 'open', operator = :operator, changed_at = :at WHERE carton = :carton

-- name: put_in
INSERT INTO packed (serial, carton, operator, packed_at) VALUES (:serial, :carton, :operator, :at)

-- name: take_out
DELETE FROM packed WHERE serial = ? AND carton = ?

-- name: count_packed
UPDATE carton SET packed = packed + :more, operator = :operator, changed_at = :at WHERE carton = :carton

-- name: close_carton
UPDATE carton SET state = 'closed', sscc = coalesce(:sscc, sscc), operator = :operator, changed_at = :at
WHERE carton = :carton

-- name: count_printing
UPDATE carton SET printings = max(printings, :nth) WHERE carton = :carton

-- name: carton_state
SELECT state FROM carton WHERE carton = ?

-- name: carton
SELECT carton, state, sscc, packed, printings, operator, opened_at, changed_at FROM carton WHERE carton = ?1 OR sscc = ?1

-- name: carton_of_key
SELECT carton FROM carton WHERE key = ? AND key <> '' ORDER BY rowid LIMIT 1

-- name: sscc_taken
SELECT 1 FROM carton WHERE sscc = ?

-- name: open_cartons
SELECT carton FROM carton WHERE state = 'open' ORDER BY rowid DESC LIMIT ?

-- name: recent_cartons
SELECT carton FROM carton ORDER BY rowid DESC LIMIT ?

-- name: carton_of_serial
SELECT carton FROM packed WHERE serial = ?

-- name: packed_serial
SELECT carton, operator, packed_at FROM packed WHERE serial = ?

-- name: packed_in
SELECT p.serial, l.state, p.operator, p.packed_at, j.snapshot, j.gtin, j.lot_no, j.quota_key
FROM packed p JOIN label l ON l.serial = p.serial JOIN "window" w USING (window_no) JOIN job j USING (job_id)
WHERE p.carton = ? ORDER BY p.rowid

-- reviews ------------------------------------------------------------------------------------------------------------

-- name: add_review
INSERT INTO review (kind, name, sha256, verdict, operator, known_by, allowed_by, reason, at)
VALUES (:kind, :name, :sha256, :verdict, :operator, :known_by, :allowed_by, :reason, :at)

-- name: reviews
SELECT kind, name, sha256, verdict, operator, known_by, allowed_by, reason, at FROM review ORDER BY review_no

-- printers, alarms, holds --------------------------------------------------------------------------------------------

-- name: set_counter
INSERT INTO printer (printer, counter) VALUES (?, ?) ON CONFLICT DO UPDATE SET counter = excluded.counter, copied = 0

-- name: set_counter_of_window
INSERT INTO printer (printer, counter) SELECT printer, :counter FROM "window" WHERE window_id = :window
ON CONFLICT DO UPDATE SET counter = excluded.counter, copied = 0

-- name: counter
SELECT counter FROM printer WHERE printer = ?

-- name: forget_counter
DELETE FROM printer WHERE printer = ?

-- name: set_printer_identity
INSERT INTO printer_identity (printer, identity) VALUES (:printer, :identity)
ON CONFLICT DO UPDATE SET identity = excluded.identity

-- name: confirm_found
INSERT INTO printer_identity (printer, identity)
SELECT printer, found FROM printer_question WHERE printer = :printer AND found <> 'null'
ON CONFLICT DO UPDATE SET identity = excluded.identity

-- name: forget_unknown
DELETE FROM printer_identity
WHERE printer = (SELECT printer FROM printer_question WHERE printer = :printer AND found = 'null')

-- name: printer_identity
SELECT identity FROM printer_identity WHERE printer = ?

-- name: ask_of_printer
INSERT INTO printer_question (printer, question, known, found, before, after, asked_at)
VALUES (:printer, :question, :known_json, :found_json, :before, :after, :at)
ON CONFLICT DO UPDATE SET question = excluded.question, known = excluded.known, found = excluded.found,
                          before = excluded.before, after = excluded.after, put_back = 0, asked_at = excluded.asked_at

-- name: put_back
UPDATE printer_question SET put_back = 1 WHERE printer = :printer

-- name: end_question
DELETE FROM printer_question WHERE printer = :printer

-- name: printer_question
SELECT printer, question, known, found, before, after, put_back, asked_at FROM printer_question WHERE printer = ?

-- name: printer_questions
SELECT printer, question, known, found, before, after, put_back, asked_at FROM printer_question ORDER BY printer

-- name: add_alarm
INSERT INTO alarm (alarm_id, kind, printer, detail, raised_at) VALUES (:alarm, :kind, :printer, :detail_json, :at)

-- name: close_alarm
UPDATE alarm SET closed_at = :at, operator = :operator, reason = :reason WHERE alarm_id = :alarm AND closed_at IS NULL

-- name: alarms
SELECT alarm_id, kind, printer, detail, raised_at, closed_at, operator, reason FROM alarm
WHERE closed_at IS NULL OR :closed ORDER BY rowid

-- name: place_hold
INSERT INTO hold (kind, detail, placed_at) VALUES (:kind, :detail_json, :at)
ON CONFLICT DO UPDATE SET detail = :detail_json, placed_at = :at

-- name: release_hold
DELETE FROM hold WHERE kind = ?

-- name: holds
SELECT kind, detail, placed_at FROM hold ORDER BY rowid

-- name: alarm
SELECT closed_at FROM alarm WHERE alarm_id = ?

-- name: known_hash
SELECT 1 FROM event WHERE incarnation = ?1 AND seq = ?2 AND hash = ?3
UNION ALL SELECT 1 FROM forked_event WHERE incarnation = ?1 AND seq = ?2 AND hash = ?3 LIMIT 1
