-- Statements of central_registry/issuing, distribution and agents: keys, orders, leases, what is sent, the fleet.

-- name: quota_key^
SELECT quota_key, firm, lot_no, style_no, gtins FROM quota_key WHERE quota_key = :quota_key;

-- name: keys_of_goods
SELECT quota_key FROM quota_key
WHERE firm = :firm AND lot_no IS NOT DISTINCT FROM :lot_no AND (lot_no IS NOT NULL OR style_no = :style_no)
ORDER BY minted_at, quota_key;

-- name: mint_key$
-- No row if that name is taken.
INSERT INTO quota_key (quota_key, firm, lot_no, style_no, gtins, minted_at)
VALUES (:quota_key, :firm, :lot_no, :style_no, :gtins, :at) ON CONFLICT (quota_key) DO NOTHING RETURNING quota_key;

-- name: code_of_party$
SELECT code FROM party_code WHERE party = :party ORDER BY code LIMIT 1;

-- name: gtins_of_style
SELECT gtin FROM trade_item WHERE firm = :firm AND style_no = :style_no ORDER BY gtin;

-- name: firm_name$
SELECT name FROM party WHERE party = :party;

-- name: promised$
SELECT quantity FROM promised WHERE agent = :agent AND quota_key = :quota_key;

-- name: promised_of_lot$
-- What an agent drew above its promise is gone as well; what is told under a key by one that was promised none of it is
-- no use of this lot, or any agent could use up another firm's.
SELECT coalesce(sum(greatest(p.quantity, q.drawn - q.freed)), 0)::bigint
FROM quota_key k JOIN promised p ON p.quota_key = k.quota_key
LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
WHERE k.firm = :firm AND k.lot_no = :lot_no;

-- name: promised_of_style$
-- Of all its lots, and without a lot.
SELECT coalesce(sum(greatest(p.quantity, q.drawn - q.freed)), 0)::bigint
FROM quota_key k JOIN promised p ON p.quota_key = k.quota_key
LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
WHERE k.firm = :firm AND k.style_no = :style_no;

-- name: former_on_lot$
-- Labels that a former platform issued for a lot are on the same pieces; void ones are on none.
SELECT count(*) FROM former_serial WHERE firm = :firm AND lot_no = :lot_no AND state <> 'void';

-- name: former_on_style$
SELECT count(*) FROM former_serial f
WHERE f.firm = :firm AND f.state <> 'void' AND (f.lot_no = '' AND f.style_no = :style_no
    OR f.lot_no IN (SELECT l.lot_no FROM lot l WHERE l.firm = :firm AND l.style_no = :style_no));

-- name: former_on_key$
SELECT count(*) FROM quota_key k JOIN former_serial f ON f.firm = k.firm AND f.lot_no = k.lot_no AND f.state <> 'void'
WHERE k.quota_key = :quota_key;

-- name: add_move!
INSERT INTO allotment_move (agent, quota_key, n, quantity, delta, why, code_order, reason, at, person)
SELECT :agent, :quota_key, 1 + (SELECT count(*) FROM allotment_move WHERE agent = :agent AND quota_key = :quota_key),
    :quantity, :delta, :why, :code_order, :reason, :at, :person;

-- name: lot_record^
SELECT style_no, record, quantity FROM lot WHERE firm = :firm AND lot_no = :lot_no;

-- name: style_record^
SELECT style_no, record FROM style WHERE firm = :firm AND style_no = :style_no;

-- name: certificate_shown^
-- The newest version that was ever approved, whatever became of it; one that a newer one took the place of is not it.
SELECT c.version, c.scheme, c.facts, c.quantity, c.valid_from, c.valid_to, c.lab, c.report_no, c.state, c.sha256,
    coalesce((SELECT m.reason FROM certificate_move m WHERE m.firm = c.firm AND m.lot_no = c.lot_no
        AND m.version = c.version ORDER BY m.n DESC LIMIT 1), '') AS reason
FROM certificate c
WHERE c.firm = :firm AND c.lot_no = :lot_no AND c.state IN ('approved', 'suspended', 'withdrawn')
ORDER BY c.version DESC LIMIT 1;

-- name: report_behind^
SELECT firm, lot_no, covers FROM report WHERE lab = :lab AND report_no = :report_no;

-- name: report_elsewhere^
SELECT firm, lot_no FROM certificate
WHERE report_no = :report_no AND lab = :lab AND state = 'approved' AND (firm, lot_no) <> (:firm, :lot_no) LIMIT 1;

-- name: prints_for
SELECT firm FROM agent_firm WHERE agent = :agent AND ended_at IS NULL ORDER BY firm;

-- name: allotted_firms
SELECT DISTINCT k.firm FROM feed_item f JOIN quota_key k ON k.quota_key = f.key
WHERE f.agent = :agent AND f.kind = 'allotment';

-- name: lease^
SELECT until, days, given_at, closed_at, written_off_at, keep FROM lease WHERE agent = :agent AND quota_key = :quota_key;

-- name: put_lease!
INSERT INTO lease (agent, quota_key, until, days, given_at) VALUES (:agent, :quota_key, :until, :days, :at)
ON CONFLICT (agent, quota_key) DO UPDATE
SET until = excluded.until, days = excluded.days, given_at = excluded.given_at, closed_at = NULL,
    written_off_at = NULL, parted_at = NULL, keep = NULL;

-- name: take_back_lease!
-- From an agent that was fed it; how many days it was given for is not in what was fed.
INSERT INTO lease (agent, quota_key, until, days, given_at) VALUES (:agent, :quota_key, :until, 45, :until)
ON CONFLICT (agent, quota_key) DO NOTHING;

-- name: extend_lease!
UPDATE lease SET until = :until WHERE agent = :agent AND quota_key = :quota_key;

-- name: close_lease!
UPDATE lease SET closed_at = :at WHERE agent = :agent AND quota_key = :quota_key;

-- name: write_off_lease!
UPDATE lease SET written_off_at = :at, until = least(until, :at) WHERE agent = :agent AND quota_key = :quota_key;

-- name: leases_to_renew
-- Once a day at most, or each contact would be news.
SELECT l.quota_key, l.until, l.days, k.firm, k.lot_no, k.style_no FROM lease l JOIN quota_key k USING (quota_key)
WHERE l.agent = :agent AND l.closed_at IS NULL AND l.written_off_at IS NULL AND l.parted_at IS NULL
    AND l.until <= :at::timestamptz + (l.days - 1) * interval '1 day' ORDER BY l.quota_key;

-- name: small_totals
-- What an agent without leases was promised, was fed, and has used.
SELECT l.quota_key, l.until, p.quantity AS promised, f.quantity AS fed, coalesce(q.drawn - q.freed, 0) AS used
FROM lease l
JOIN promised p ON p.agent = l.agent AND p.quota_key = l.quota_key
JOIN feed_item f ON f.agent = l.agent AND f.kind = 'allotment' AND f.key = l.quota_key
LEFT JOIN quota_use q ON q.agent = l.agent AND q.quota_key = l.quota_key
WHERE l.agent = :agent AND l.closed_at IS NULL AND l.written_off_at IS NULL ORDER BY l.quota_key;

-- name: add_order!
INSERT INTO code_order (code_order, firm, association, agent, lot_no, style_no, quantity, note, state, asked_by, asked_at)
VALUES (:code_order, :firm, :association, :agent, :lot_no, :style_no, :quantity, :note, 'asked', :person, :at);

-- name: code_order^
SELECT o.*, coalesce(p.name, '') AS firm_name FROM code_order o LEFT JOIN party p ON p.party = o.firm
WHERE o.code_order = :code_order;

-- name: lock_order$
SELECT state FROM code_order WHERE code_order = :code_order FOR UPDATE;

-- name: decide_order!
UPDATE code_order SET state = :state, decided_by = :person, decided_at = :at, reason = :reason, override = :override,
    quota_key = :quota_key
WHERE code_order = :code_order;

-- name: add_order_checks!
INSERT INTO code_order_check (code_order, moment, rule, passed, expected, got, at)
SELECT :code_order, :moment, c.rule, c.passed, c.expected, c.got, :at::timestamptz
FROM unnest(:rules::text[], :passed::boolean[], :expected::text[], :got::text[]) AS c (rule, passed, expected, got);

-- name: order_checks
SELECT moment, rule, passed, expected, got, at FROM code_order_check WHERE code_order = :code_order ORDER BY at, rule;

-- name: put_order_decision!
INSERT INTO decision (decision, party, act, about, concerns, asked, maker, made_at)
VALUES (:code_order, :association, 'approve_codes', :code_order, :firm, :asked, :person, :at);

-- name: end_order_decision!
UPDATE decision SET outcome = :outcome, reason = :reason, decided_by = :person, decided_at = :at
WHERE decision = :code_order;

-- name: orders
SELECT o.code_order, o.firm, coalesce(p.name, '') AS firm_name, o.association, o.agent, o.lot_no, o.style_no, o.quantity,
    o.note, o.state, o.asked_by, o.asked_at, o.decided_by, o.decided_at, o.reason, o.override, o.quota_key,
    ARRAY(SELECT c.rule FROM code_order_check c WHERE c.code_order = o.code_order AND NOT c.passed
        AND c.moment = (SELECT min(d.moment) FROM code_order_check d WHERE d.code_order = o.code_order)
        ORDER BY c.rule) AS failed,
    count(*) OVER () AS total
FROM code_order o LEFT JOIN party p ON p.party = o.firm
WHERE (:everything::boolean OR o.firm = :party OR o.association = :party OR o.association = ANY(:associations::text[]))
    AND (:state::text = '' OR o.state = :state) AND (:firm::text = '' OR o.firm = :firm)
    AND (:agent::text = '' OR o.agent = :agent) AND (:lot_no::text = '' OR o.lot_no = :lot_no)
    AND concat_ws(' ', o.code_order, p.name, o.firm, o.agent, o.lot_no, o.style_no, o.note) ILIKE :like
ORDER BY CASE WHEN :sort = 'quantity' THEN o.quantity * :sign::bigint END,
    CASE WHEN :sort = 'asked_at' THEN extract(epoch FROM o.asked_at) * :sign::bigint END, o.asked_at DESC, o.code_order
LIMIT :rows OFFSET :skipped;

-- name: note_asked!
UPDATE agent SET asked_at = :at WHERE agent = :agent;

-- name: note_agent!
UPDATE agent SET can = :can, version = :version WHERE agent = :agent;

-- name: count_fed$
SELECT (SELECT count(*) FROM feed_item WHERE agent = :agent) + (SELECT count(*) FROM feed_shown WHERE agent = :agent);

-- name: feed_again!
-- In the order they had; below them come those that are everybody's.
UPDATE feed_item f SET n = :before + o.place
FROM (SELECT kind, key, row_number() OVER (ORDER BY n, kind, key) AS place FROM feed_item WHERE agent = :agent) o
WHERE f.agent = :agent AND f.kind = o.kind AND f.key = o.key;

-- name: show_again!
UPDATE feed_shown s
SET n = :before + o.place + (SELECT count(*) FROM feed_item WHERE agent = :agent)
FROM (SELECT kind, key, row_number() OVER (ORDER BY n, kind, key) AS place FROM feed_shown WHERE agent = :agent) o
WHERE s.agent = :agent AND s.kind = o.kind AND s.key = o.key;

-- name: questions_asked
-- What questions for news find, by their place among those asked together; most find that there is none. What takes looking
-- is asked only for an agent that showed its secret. `news`: something is numbered above its cursor, or has come to concern
-- it and was not shown to it; what is withheld from it counts, since whoever reads its page sees that. An item is looked up
-- by a query of its own, which no plan of a day with few items turns into a walk through all there are.
SELECT w.place, a.*, epoch.value AS epoch, seal.value AS seal, (SELECT p.status FROM party_status p
        WHERE p.party = a.owner AND p.effective_on <= (w.at AT TIME ZONE 'UTC')::date ORDER BY p.n DESC LIMIT 1) AS owner_status,
    asks.lease_due, asks.news
FROM unnest(:agents::text[], :shown::bytea[], :epochs::text[], :numbers::bigint[], :hidden::text[], :parts::boolean[],
    :ats::timestamptz[]) WITH ORDINALITY AS w (agent, shown, of_epoch, number, hidden, parts, at, place)
JOIN agent a ON a.agent = w.agent
LEFT JOIN meta epoch ON epoch.key = 'epoch'
LEFT JOIN meta seal ON seal.key = 'seal'
CROSS JOIN LATERAL (SELECT CASE WHEN w.of_epoch = epoch.value THEN w.number ELSE 0 END AS after,
    string_to_array(w.hidden, ',') AS hidden) AS c
LEFT JOIN LATERAL (SELECT
    EXISTS (SELECT FROM lease l WHERE l.agent = w.agent AND l.closed_at IS NULL AND l.written_off_at IS NULL
        AND (w.parts OR l.parted_at IS NULL AND l.until <= w.at + (l.days - 1) * interval '1 day')) AS lease_due,
    EXISTS (SELECT FROM feed_item f WHERE f.agent = w.agent AND f.kind <> ALL(c.hidden) AND f.n > c.after)
        OR EXISTS (SELECT FROM feed_shown s WHERE s.agent = w.agent AND s.kind <> ALL(c.hidden) AND (s.n > c.after
            OR (SELECT f.n FROM feed_item f WHERE f.agent = '*' AND f.kind = s.kind AND f.key = s.key) > c.after))
        OR EXISTS (SELECT FROM (
                SELECT d.kind, d.key FROM feed_due d WHERE d.agent = w.agent
                EXCEPT SELECT s.kind, s.key FROM feed_shown s WHERE s.agent = w.agent) AS d
            WHERE (SELECT f.n FROM feed_item f WHERE f.agent = '*' AND f.kind = d.kind AND f.key = d.key) > 0) AS news
) AS asks ON a.secret_hash = w.shown AND a.lost_at IS NULL;

-- name: orders_open_between
SELECT code_order FROM code_order WHERE association = :association AND firm = :party AND state = 'asked'
ORDER BY code_order FOR UPDATE;

-- name: leases_between
-- Of a firm's goods that no other association of the firm has approved an order for.
SELECT l.agent, l.quota_key, l.until FROM lease l JOIN quota_key k USING (quota_key)
WHERE k.firm = :party AND l.closed_at IS NULL AND l.written_off_at IS NULL AND l.parted_at IS NULL
    AND NOT EXISTS (
        SELECT FROM code_order o JOIN membership m ON m.association = o.association AND m.party = o.firm
        WHERE o.agent = l.agent AND o.quota_key = l.quota_key AND o.state = 'approved'
            AND o.association <> :association AND m.ended_at IS NULL)
ORDER BY l.agent, l.quota_key;

-- name: what_ends^
SELECT m.association, a.name AS association_name, m.party, y.name AS party_name, m.since,
    (SELECT e.ends_on FROM membership_end e
     WHERE e.association = m.association AND e.party = m.party AND e.done_at IS NULL AND e.taken_back_at IS NULL
     LIMIT 1) AS ends_on,
    (SELECT e.by_party FROM membership_end e
     WHERE e.association = m.association AND e.party = m.party AND e.done_at IS NULL AND e.taken_back_at IS NULL
     LIMIT 1) AS ended_by,
    (SELECT count(*) FROM code_order o
     WHERE o.association = m.association AND o.firm = m.party AND o.state = 'asked') AS orders,
    (SELECT count(*) FROM lease l JOIN quota_key k USING (quota_key)
     WHERE k.firm = m.party AND l.closed_at IS NULL AND l.written_off_at IS NULL AND l.parted_at IS NULL
        AND NOT EXISTS (
            SELECT FROM code_order o JOIN membership n ON n.association = o.association AND n.party = o.firm
            WHERE o.agent = l.agent AND o.quota_key = l.quota_key AND o.state = 'approved'
                AND o.association <> m.association AND n.ended_at IS NULL)) AS leases,
    (SELECT count(*) FROM agent_firm f JOIN agent g USING (agent)
     WHERE f.firm = m.party AND f.ended_at IS NULL AND g.association = m.association AND g.owner <> m.party) AS agents
FROM membership m JOIN party a ON a.party = m.association JOIN party y ON y.party = m.party
WHERE m.association = :association AND m.party = :party AND m.ended_at IS NULL;

-- name: keep_of_lease!
UPDATE lease SET keep = :keep, parted_at = :at, until = least(until, :until::timestamptz)
WHERE agent = :agent AND quota_key = :quota_key;

-- name: fed_of$
SELECT quantity FROM feed_item WHERE agent = :agent AND kind = 'allotment' AND key = :quota_key;

-- name: part_lease!
UPDATE lease SET parted_at = :at, until = :until WHERE agent = :agent AND quota_key = :quota_key;

-- name: print_no_more_between!
UPDATE agent_firm SET ended_at = :at WHERE firm = :party AND ended_at IS NULL AND agent IN (
    SELECT agent FROM agent WHERE association = :association AND owner <> :party);

-- name: vouch_by_another!
UPDATE agent SET association = coalesce((
    SELECT m.association FROM membership m
    WHERE m.party = :party AND m.association <> :association AND m.ended_at IS NULL ORDER BY m.since LIMIT 1), '')
WHERE owner = :party AND association = :association;

-- name: newest_fed$
SELECT coalesce((SELECT value::bigint FROM meta WHERE key = 'feed'), 0);

-- name: fed_since
SELECT DISTINCT agent FROM feed_item WHERE n > :after;

-- name: agent_named$
-- Over all parties, which the table of agents does not show to everybody: a name is one agent's.
SELECT EXISTS (SELECT FROM issuer WHERE agent = :agent);

-- name: kind_of_party$
SELECT kind FROM party WHERE party = :party;

-- name: print_for!
INSERT INTO agent_firm (agent, firm, since) SELECT :agent, f, :at FROM unnest(:firms::text[]) AS f
ON CONFLICT (agent, firm) DO UPDATE SET ended_at = NULL;

-- name: print_no_more!
UPDATE agent_firm SET ended_at = :at WHERE agent = :agent AND firm <> ALL(:firms::text[]) AND ended_at IS NULL;

-- name: revoke_agent!
-- A token that was not spent yet would bring it back.
UPDATE agent SET revoked_why = :why, revoked_reason = :reason, token_hash = NULL
WHERE agent = :agent;

-- name: held_by_agent
-- A firm that an agent of somebody else prints for sees its own alone.
SELECT p.quota_key, k.firm, k.lot_no, k.style_no, p.quantity AS promised, coalesce(q.drawn - q.freed, 0) AS used,
    l.until, l.closed_at, l.written_off_at
FROM promised p
JOIN agent a ON a.agent = p.agent
LEFT JOIN quota_key k ON k.quota_key = p.quota_key
LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
LEFT JOIN lease l ON l.agent = p.agent AND l.quota_key = p.quota_key
WHERE p.agent = :agent AND (:everything::boolean OR :party IN (a.owner, a.association, k.firm)
    OR a.association = ANY(:associations::text[]))
ORDER BY l.until, p.quota_key;

-- name: fleet
SELECT *, count(*) OVER () AS total FROM (
    SELECT a.agent, a.issuer, a.name, a.owner, coalesce(o.name, '') AS owner_name, a.association, a.version, a.can,
        ARRAY(SELECT f.firm FROM agent_firm f WHERE f.agent = a.agent AND f.ended_at IS NULL
            AND (s.whole OR f.firm = :party) ORDER BY f.firm) AS firms,
        CASE WHEN a.lost_at IS NOT NULL THEN 'revoked' WHEN a.cloned_at IS NOT NULL THEN 'cloned'
            WHEN a.enrolled_at IS NULL THEN 'new'
            WHEN greatest(a.seen_at, a.asked_at, a.enrolled_at) < :silent_since THEN 'silent'
            ELSE 'enrolled' END AS state,
        a.revoked_why AS why, a.revoked_reason AS reason, greatest(a.seen_at, a.asked_at) AS last_at,
        coalesce(a.secret_at, a.enrolled_at) AS secret_at, a.rotate_asked_at,
        (SELECT coalesce(sum(greatest(p.quantity - coalesce(q.drawn - q.freed, 0), 0)), 0)::bigint FROM promised p
            LEFT JOIN quota_key k ON k.quota_key = p.quota_key
            LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
            WHERE p.agent = a.agent AND (s.whole OR k.firm = :party)) AS quota_left,
        (SELECT min(l.until) FROM lease l WHERE l.agent = a.agent AND l.closed_at IS NULL AND l.written_off_at IS NULL)
            AS lease_until,
        coalesce(i.seq, 0) AS seq, encode(i.hash, 'hex') AS head
    FROM agent a
    -- whether they see all of it, or the part of a firm that it prints for
    CROSS JOIN LATERAL (SELECT :everything::boolean OR a.owner = :party OR a.association = :party
        OR a.association = ANY(:associations::text[]) AS whole) s
    LEFT JOIN party o ON o.party = a.owner
    LEFT JOIN incarnation i ON i.agent = a.agent
        AND i.ordinal = (SELECT max(j.ordinal) FROM incarnation j WHERE j.agent = a.agent)
    WHERE (s.whole OR EXISTS (
            SELECT FROM agent_firm f WHERE f.agent = a.agent AND f.firm = :party AND f.ended_at IS NULL))
        AND (:agent::text = '' OR a.agent = :agent)
        AND concat_ws(' ', a.agent, a.name, o.name, a.owner, a.issuer) ILIKE :like
) AS fleet
WHERE (:state::text = '' OR state = :state) AND (:firm::text = '' OR :firm = ANY(firms))
ORDER BY CASE WHEN :sort = 'quota_left' THEN quota_left * :sign::bigint END,
    CASE WHEN :sort = 'last_at' THEN extract(epoch FROM last_at) * :sign::bigint END,
    CASE WHEN :sort = 'lease_until' THEN extract(epoch FROM lease_until) * :sign::bigint END,
    CASE WHEN :sort = 'agent' AND :sign::bigint = -1 THEN agent END DESC, agent
LIMIT :rows OFFSET :skipped;
