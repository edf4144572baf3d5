-- Statements by which labels are judged (central_registry/ingest) and people decide of them (central_registry/oversight).

-- name: accounts
-- A key's row in quota_key says whose it is; `entitled`: the agent prints for that firm, or was there before firms were.
-- `remaining`: what is left of an allotment of which unused codes went back, by the agent's own word or by a write-off:
-- they are another's now, whatever was fed before. `fed`: how much it is allotted by now.
SELECT k.agent, k.quota_key, e.proven, coalesce(e.allotted, 0) AS allotted, coalesce(u.drawn - u.freed, 0) AS standing,
    coalesce(u.apart, 0) AS apart, coalesce(g.quantity, 0) AS fed, l.written_off_at IS NOT NULL AS written_off,
    CASE WHEN l.written_off_at IS NOT NULL OR EXISTS (SELECT FROM allotment_move m WHERE m.agent = k.agent
        AND m.quota_key = k.quota_key AND m.why IN ('write_off', 'lease_closed')) THEN coalesce(f.quantity, 0) END AS remaining,
    q.firm IS NULL OR q.firm = 'unassigned' OR NOT EXISTS (SELECT FROM agent_firm a WHERE a.agent = k.agent)
        OR EXISTS (SELECT FROM agent_firm a WHERE a.agent = k.agent AND a.firm = q.firm) AS entitled
FROM unnest(:agents::text[], :quota_keys::text[]) AS k (agent, quota_key)
LEFT JOIN quota_key q ON q.quota_key = k.quota_key
LEFT JOIN entitlement e ON e.agent = k.agent AND e.quota_key = k.quota_key
LEFT JOIN quota_use u ON u.agent = k.agent AND u.quota_key = k.quota_key
LEFT JOIN lease l ON l.agent = k.agent AND l.quota_key = k.quota_key
LEFT JOIN feed_item g ON g.agent = k.agent AND g.kind = 'allotment' AND g.key = k.quota_key
LEFT JOIN promised f ON f.agent = k.agent AND f.quota_key = k.quota_key;

-- name: behind_keys
-- What a key is for: as its row says, else (keys of before) as its text does. `lot`: the record of that lot as it is here,
-- of before firms as it is fed; `held…`, `version`: lot and certificate as the agent was fed them last.
SELECT k.agent, k.quota_key, k.lot_no, k.style_no, coalesce(f.body, l.record) AS lot, f.body IS NOT NULL AS as_fed,
    hk.facts AS held_by_key, hn.facts AS held, c.version, c.withdrawn, c.facts,
    coalesce(nullif(k.firm, 'unassigned'), '') AS firm, k.gtins
FROM (
    SELECT k.agent, k.quota_key, q.firm, q.gtins,
        CASE WHEN q.quota_key IS NOT NULL THEN q.lot_no WHEN k.quota_key LIKE 'lot:%' THEN substr(k.quota_key, 5) END AS lot_no,
        CASE WHEN q.quota_key IS NOT NULL THEN q.style_no WHEN k.quota_key LIKE 'style:%' THEN substr(k.quota_key, 7)
            ELSE '' END AS style_no
    FROM unnest(:agents::text[], :quota_keys::text[]) AS k (agent, quota_key)
    LEFT JOIN quota_key q ON q.quota_key = k.quota_key
) AS k
LEFT JOIN feed_item f ON coalesce(k.firm, 'unassigned') = 'unassigned'
    AND f.agent = '*' AND f.kind = 'lot' AND f.key = k.lot_no
LEFT JOIN lot l ON l.firm = k.firm AND l.lot_no = k.lot_no
LEFT JOIN held_lot hk ON hk.agent = k.agent AND hk.lot_no = k.quota_key
LEFT JOIN held_lot hn ON coalesce(k.firm, 'unassigned') = 'unassigned' AND hn.agent = k.agent AND hn.lot_no = k.lot_no
LEFT JOIN held_certificate c ON c.agent = k.agent AND c.quota_key = k.quota_key;

-- name: approved_certificates
SELECT q.quota_key, c.version, c.facts FROM quota_key q
JOIN certificate c ON c.firm = q.firm AND c.lot_no = q.lot_no
WHERE q.quota_key = ANY(:quota_keys::text[]) AND c.decided_at IS NOT NULL
    AND c.state IN ('approved', 'superseded', 'suspended', 'withdrawn')
ORDER BY q.quota_key, c.version DESC;

-- name: certificates_since
-- Versions that labels were judged by, and those that stood after them; `moved_at`: when it came into the state it is in.
SELECT w.quota_key, w.since, c.version, c.scheme, c.report_no, c.valid_from, c.valid_to, c.facts, c.state, c.decided_at,
    coalesce(p.name, c.lab) AS lab, coalesce((SELECT max(m.at) FROM certificate_move m WHERE m.firm = c.firm
        AND m.lot_no = c.lot_no AND m.version = c.version AND m.state = c.state), c.decided_at) AS moved_at
FROM unnest(:quota_keys::text[], :versions::bigint[]) AS w (quota_key, since)
JOIN quota_key q ON q.quota_key = w.quota_key
JOIN certificate c ON c.firm = q.firm AND c.lot_no = q.lot_no AND c.version >= w.since
LEFT JOIN party p ON p.party = c.lab
WHERE c.decided_at IS NOT NULL AND c.state IN ('approved', 'superseded', 'suspended', 'withdrawn')
ORDER BY w.quota_key, w.since, c.version;

-- name: note_held_lots!
INSERT INTO held_lot (agent, lot_no, facts) SELECT :agent, * FROM unnest(:lot_nos::text[], :facts::text[])
ON CONFLICT (agent, lot_no) DO UPDATE SET facts = excluded.facts;

-- name: note_held_certificates!
INSERT INTO held_certificate (agent, quota_key, version, withdrawn, facts)
SELECT :agent, * FROM unnest(:quota_keys::text[], :versions::bigint[], :withdrawn::boolean[], :facts::text[])
ON CONFLICT (agent, quota_key) DO UPDATE
SET version = excluded.version, withdrawn = excluded.withdrawn, facts = excluded.facts;

-- name: told_after_windows
-- Of agents of parties that the asker sees; the condition of the open ones is that of the index drawing_told_after.
SELECT d.agent, d.window_id, d.quota_key, coalesce(q.firm, '') AS firm, coalesce(p.name, '') AS firm_name, d.lot_no,
    d.sent_at, cardinality(d.serials) AS labels, d.against, t.admitted, coalesce(t.reason, '') AS reason,
    t.at AS decided_at, count(*) OVER () AS total
FROM drawing d JOIN agent a ON a.agent = d.agent
LEFT JOIN quota_key q ON q.quota_key = d.quota_key LEFT JOIN party p ON p.party = q.firm
LEFT JOIN LATERAL (SELECT admitted, reason, at FROM told_decision o WHERE o.draw = d.draw ORDER BY n DESC LIMIT 1) t ON true
WHERE (:state = 'open' AND (d.against & 564) <> 0 OR :state = 'rejected' AND (d.against & 256) <> 0
        OR :state = 'admitted' AND t.admitted)
    AND (:agent::text = '' OR d.agent = :agent)
    AND (d.agent || ' ' || d.window_id || ' ' || coalesce(d.lot_no, '') || ' ' || coalesce(p.name, '')) ILIKE :like
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm IN (q.firm, a.owner))
ORDER BY d.agent, d.sent_at, d.window_id LIMIT :rows OFFSET :skipped;

-- name: told_after_locked
SELECT d.draw, d.agent, cardinality(d.serials) AS labels, coalesce(q.firm, a.owner) AS firm
FROM drawing d JOIN agent a ON a.agent = d.agent LEFT JOIN quota_key q ON q.quota_key = d.quota_key
WHERE d.agent = :agent AND (:window::text IS NULL OR d.window_id = :window) AND (d.against & :against::int) <> 0
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, true) s WHERE s.firm IN (q.firm, a.owner))
ORDER BY d.draw FOR UPDATE OF d;

-- name: decide_told!
UPDATE drawing SET against = against & ~:told::smallint | :against::smallint WHERE draw = ANY(:draws::bytea[]);

-- name: count_in!
-- What was admitted uses up the quota from here on: labels of these windows that stand. `freed`: states that free.
UPDATE quota_use AS q SET apart = q.apart - w.labels FROM (
    SELECT d.agent, d.quota_key, sum(cardinality(d.serials) - (
        SELECT count(*) FROM unnest(d.serials) AS u (serial) JOIN serial s
            ON s.issuer = left(u.serial, 3) AND s.serial = u.serial AND s.draw = d.draw
        WHERE s.state = ANY(:freed::smallint[]))) AS labels
    FROM drawing d WHERE d.draw = ANY(:draws::bytea[]) GROUP BY 1, 2
) AS w WHERE q.agent = w.agent AND q.quota_key = w.quota_key;

-- name: note_told_decisions!
-- The windows are locked, so nobody else takes the number meanwhile.
INSERT INTO told_decision (draw, n, agent, admitted, reason, at, person)
SELECT t.draw, 1 + (SELECT count(*) FROM told_decision o WHERE o.draw = t.draw), t.agent, :admitted, :reason, :at, :person
FROM unnest(:draws::bytea[], :agents::text[]) AS t (draw, agent);

-- name: told_after_left$
SELECT EXISTS (SELECT FROM drawing WHERE agent = :agent AND (against & 564) <> 0);

-- name: agent_seen^
-- One that prints for a firm of theirs and is another's own is not: they would tell in its name.
SELECT agent, owner FROM agent a WHERE agent = :agent AND (a.association = :party
    OR EXISTS (SELECT FROM firms_seen(:party, :kind, true) s WHERE s.firm = a.owner));

-- name: hear_incarnation!
UPDATE incarnation SET heard_at = :at, address = :address WHERE agent = :agent AND incarnation = :incarnation;

-- name: may_tell_apart$
SELECT may_tell_apart(:agent);

-- name: ask_which_goes_on!
INSERT INTO decision (decision, party, act, about, concerns, asked, maker, made_at, due_at)
SELECT :decision, CASE WHEN a.owner <> 'unassigned' THEN a.owner WHEN a.association <> '' THEN a.association
        ELSE coalesce((SELECT min(party) FROM party WHERE kind = 'association'), a.owner) END,
    :act, a.agent, a.owner, :asked, :maker, :at, :due_at
FROM agent a WHERE a.agent = :agent ON CONFLICT (decision) DO NOTHING;

-- name: decided_for_other$
SELECT EXISTS (SELECT FROM decision WHERE decision = :decision AND outcome = 'living');

-- name: clones_asked
SELECT decision, about AS agent, asked, maker, made_at, due_at FROM decision d
WHERE act = 'decide_clone' AND outcome IS NULL
    AND (party = :party OR concerns IN (SELECT firm FROM firms_seen(:party, :kind, false)))
ORDER BY made_at, decision;

-- name: clone_asked^
SELECT about, maker, concerns FROM decision d
WHERE decision = :decision AND act = 'decide_clone' AND outcome IS NULL
    AND (party = :party OR concerns IN (SELECT firm FROM firms_seen(:party, :kind, true)))
FOR UPDATE;

-- name: answer_clone!
WITH answered AS (
    UPDATE decision SET outcome = :outcome, reason = :reason, decided_by = :person, decided_at = :at
    WHERE decision = :decision
) UPDATE agent SET cloned_at = NULL WHERE agent = :agent;

-- name: put_on_line!
UPDATE incarnation AS i SET waits = false, ordinal = 1 + (SELECT max(ordinal) FROM incarnation o WHERE o.agent = i.agent)
WHERE agent = :agent AND incarnation = :incarnation;

-- name: both_machines
SELECT incarnation, fingerprint, coalesce(heard_at, began_at) AS heard_at, address, seq FROM incarnation i
WHERE agent = :agent AND (incarnation = :newcomer
    OR ordinal = (SELECT max(ordinal) FROM incarnation o WHERE o.agent = :agent AND NOT o.waits));

-- name: code_seen^
SELECT s.serial, s.state, s.verdict | d.against AS verdict, d.draw, d.agent, a.name AS agent_name, d.window_id, d.job,
    d.snapshot, d.quota_key, d.gtin, d.lot_no, d.sent_at, d.differs, d.facts, d.certificate,
    cardinality(d.serials) AS labels, coalesce(q.firm, '') AS firm, coalesce(p.name, q.firm, '') AS firm_name,
    r.became, r.at AS became_at, coalesce(rn.name, '') AS became_by, coalesce(q.lot_no, '') AS key_lot_no, coalesce(q.style_no, '') AS key_style_no,
    CASE WHEN length(o.body) <= :most THEN o.body END AS snapshot_body, c.first_at, coalesce(c.times, 0) AS times
FROM serial s JOIN drawing d ON d.draw = s.draw JOIN agent a ON a.agent = d.agent
LEFT JOIN quota_key q ON q.quota_key = d.quota_key LEFT JOIN party p ON p.party = q.firm
LEFT JOIN snapshot o ON o.hash = d.snapshot LEFT JOIN scan c ON c.serial = s.serial
LEFT JOIN roll_label r ON r.serial = s.serial LEFT JOIN person_name rn ON rn.person = r.person
WHERE s.issuer = left(:serial, 3) AND s.serial = :serial
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) f WHERE f.firm IN (coalesce(q.firm, 'unassigned'), a.owner));

-- name: decisions_about
SELECT t.admitted, t.reason, t.at, coalesce(n.name, '') AS name FROM told_decision t
LEFT JOIN person_name n ON n.person = t.person WHERE t.draw = :draw ORDER BY t.n;

-- name: conflicts_about
SELECT agent, held_by, found_at FROM conflict WHERE serial = :serial ORDER BY found_at;

-- name: waited_for_facts
SELECT DISTINCT agent FROM alarm WHERE id = ANY(:ids::text[]) AND kind = 'snapshot_missing' ORDER BY agent;

-- name: drawings_without_facts
SELECT draw, window_id, snapshot, quota_key, lot_no FROM drawing
WHERE agent = :agent AND snapshot = ANY(:names::text[]) AND facts = 0 ORDER BY draw FOR UPDATE;

-- name: judge_facts_late!
UPDATE drawing SET facts = :facts, certificate = :certificate, differs = :differs, against = against | :against
WHERE draw = :draw;
