-- Every statement of the registry. Names end in ^ (one row), $ (one value), ! (no rows); the rest give rows.

-- name: lock_schema$
-- Held to the end of the transaction. The number is ours alone: the first eight bytes of 'registry' as an integer.
SELECT pg_advisory_xact_lock(8243108395577799289);

-- name: create_migration_table!
CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, at TIMESTAMPTZ NOT NULL
);

-- name: migration_digest$
SELECT digest FROM migration WHERE number = :number;

-- name: newest_migration$
SELECT coalesce(max(number), 0) FROM migration;

-- name: migrations
SELECT number, digest FROM migration;

-- name: record_migration!
INSERT INTO migration (number, name, digest, at) VALUES (:number, :name, :digest, :at);

-- name: meta$
SELECT value FROM meta WHERE key = :key;

-- name: put_meta!
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: put_meta_once!
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING;

-- name: next_feed_number$
-- The row stays locked until commit, so numbers become visible in their order and no reader skips one.
UPDATE meta SET value = (value::bigint + 1)::text WHERE key = 'feed' RETURNING value::bigint;

-- name: next_feed_numbers$
-- So many at once; the last of them.
UPDATE meta SET value = (value::bigint + :count)::text WHERE key = 'feed' RETURNING value::bigint;

-- name: lock_feed$
-- Taken first, it lets orders that change what is fed follow one another: each sees the sums that the last one left.
SELECT value FROM meta WHERE key = 'feed' FOR UPDATE;

-- name: raise_feed_number!
UPDATE meta SET value = greatest(value::bigint, :least::bigint)::text WHERE key = 'feed';

-- name: add_agent!
INSERT INTO agent (agent, issuer, token_hash, token_made_at, created_at, owner, association)
VALUES (:agent, :issuer, :token_hash, :at, :at, :owner, :association);

-- name: add_issuer!
INSERT INTO issuer (issuer, agent) VALUES (:issuer, :agent);

-- name: all_issuers
SELECT issuer FROM issuer;

-- name: issuer_agent$
SELECT agent FROM issuer WHERE issuer = :issuer;

-- name: renew_token!
UPDATE agent SET token_hash = :token_hash, token_made_at = :at WHERE agent = :agent;

-- name: agent^
SELECT * FROM agent WHERE agent = :agent;

-- name: lock_agent^
SELECT * FROM agent WHERE agent = :agent FOR UPDATE;

-- name: agents_named
SELECT * FROM agent WHERE agent = ANY(:agents::text[]);

-- name: lock_free_agents
-- Those of whom nobody takes in a batch now, and what receipts are made with.
SELECT a.*, epoch.value AS epoch, seal.value AS seal FROM agent a
JOIN meta epoch ON epoch.key = 'epoch' JOIN meta seal ON seal.key = 'seal'
WHERE a.agent = ANY(:agents::text[]) ORDER BY a.agent FOR UPDATE OF a SKIP LOCKED;

-- name: agents
SELECT a.*, i.incarnation, coalesce(i.seq, 0) AS seq
FROM agent a
LEFT JOIN incarnation i ON i.agent = a.agent
    AND i.ordinal = (SELECT max(ordinal) FROM incarnation j WHERE j.agent = a.agent AND NOT j.waits)
ORDER BY a.agent;

-- name: agent_by_token^
SELECT agent, issuer, token_made_at FROM agent WHERE token_hash = :token_hash FOR UPDATE;

-- name: enrol_agent!
UPDATE agent SET token_hash = NULL, secret_hash = :secret_hash, name = :name, fingerprint = :fingerprint,
    enrolled_at = :at, lost_at = NULL, cloned_at = NULL, claimed_incarnation = NULL, claimed_seq = 0,
    claim_proven = false, told_lost = 0, revoked_why = '', revoked_reason = '',
    secret_at = :at, next_secret_hash = NULL, next_secret_at = NULL, rotate_asked_at = NULL,
    old_secret_hash = NULL, proven_at = NULL, old_shown_at = NULL,
    checked_epoch = CASE WHEN enrolled_at IS NULL THEN :epoch ELSE checked_epoch END
WHERE agent = :agent;

-- name: put_next_secret!
UPDATE agent SET next_secret_hash = :secret_hash, next_secret_at = :at WHERE agent = :agent;

-- name: use_next_secret!
-- It was shown: what was before it is good no more.
UPDATE agent SET secret_hash = next_secret_hash, secret_at = next_secret_at, next_secret_hash = NULL,
    next_secret_at = NULL, rotate_asked_at = NULL, old_secret_hash = secret_hash, proven_at = :at, old_shown_at = NULL
WHERE agent = :agent AND next_secret_hash = :secret_hash;

-- name: note_old_secret^
-- The secret before the one it has, shown when its new one had been at work: noted as seldom as it is worth a write.
UPDATE agent a SET old_shown_at = :at
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT i.fingerprint, i.heard_at, i.address FROM incarnation i WHERE i.agent = :agent AND i.heard_at IS NOT NULL
    ORDER BY i.heard_at DESC LIMIT 1) AS living ON true
WHERE a.agent = :agent AND a.old_secret_hash = :shown AND a.proven_at < :since
    AND greatest(a.asked_at, a.seen_at) > a.proven_at AND (a.old_shown_at IS NULL OR a.old_shown_at < :noted_before)
RETURNING a.proven_at, coalesce(living.fingerprint, a.fingerprint) AS fingerprint,
    greatest(a.asked_at, a.seen_at) AS heard_at, coalesce(living.address, '') AS address;

-- name: ask_rotation!
UPDATE agent SET rotate_asked_at = :at WHERE agent = :agent;

-- name: mark_lost!
UPDATE agent SET lost_at = :at WHERE agent = :agent AND lost_at IS NULL;

-- name: mark_cloned!
UPDATE agent SET cloned_at = coalesce(cloned_at, :at) WHERE agent = :agent;

-- name: mark_seen!
UPDATE agent SET seen_at = :at WHERE agent = :agent;

-- name: mark_checked!
UPDATE agent SET checked_epoch = :epoch WHERE agent = :agent;

-- name: claim!
UPDATE agent SET checked_epoch = '', claimed_incarnation = :incarnation, claimed_seq = :seq, claim_proven = true
WHERE agent = :agent;

-- name: claim_unproven!
UPDATE agent SET claimed_incarnation = :incarnation, claimed_seq = :seq WHERE agent = :agent AND NOT claim_proven;

-- name: drop_claim!
UPDATE agent SET claimed_incarnation = NULL, claimed_seq = 0, claim_proven = false WHERE agent = :agent;

-- name: unchecked_agents
SELECT agent FROM agent
WHERE enrolled_at IS NOT NULL AND lost_at IS NULL AND checked_epoch <> :epoch ORDER BY agent;

-- name: incarnations
SELECT agent, incarnation, ordinal, parent, parent_seq, fingerprint, seq, hash, coalesce(heard_at, began_at) AS heard_at,
    waits
FROM incarnation WHERE agent = ANY(:agents::text[]) ORDER BY agent, ordinal;

-- name: begin_incarnation!
INSERT INTO incarnation (agent, incarnation, ordinal, parent, parent_seq, fingerprint, seq, hash, began_at, heard_at,
    address, waits)
VALUES (:agent, :incarnation, :ordinal, :parent, :parent_seq, :fingerprint, :seq, :hash, :at, :at, :address,
    :waits);

-- name: move_head!
UPDATE incarnation SET seq = :seq, hash = :hash, heard_at = :at, address = :address
WHERE agent = :agent AND incarnation = :incarnation;

-- name: move_heads!
-- Of many agents, whose rows are locked. That one was seen is written down every ten seconds: it has a row of its own for
-- what it told.
WITH told AS (
    SELECT * FROM unnest(:agents::text[], :incarnations::text[], :seqs::bigint[], :hashes::bytea[], :ats::timestamptz[],
        :addresses::text[]) AS t (agent, incarnation, seq, hash, at, address)
), seen AS (
    UPDATE agent a SET seen_at = t.at FROM told t
    WHERE a.agent = t.agent AND (a.seen_at IS NULL OR a.seen_at NOT BETWEEN t.at - interval '10 s' AND t.at)
)
UPDATE incarnation i SET seq = t.seq, hash = t.hash, heard_at = t.at, address = t.address FROM told t
WHERE i.agent = t.agent AND i.incarnation = t.incarnation;


-- name: words_between
-- Each row has an event at least, so there are no more rows than events; those behind the last are left packed.
SELECT first_seq, before, words FROM (
    SELECT first_seq, last_seq, before, words FROM edge_words
    WHERE agent = :agent AND incarnation = :incarnation AND last_seq >= :first
    ORDER BY last_seq LIMIT :last::bigint - :first::bigint + 1
) AS w WHERE first_seq <= :last ORDER BY last_seq;

-- name: words_at
SELECT DISTINCT ON (w.incarnation, w.last_seq) w.incarnation, w.first_seq, w.before, w.words
FROM unnest(:incarnations::text[], :seqs::bigint[]) AS o (incarnation, seq)
CROSS JOIN LATERAL (
    SELECT incarnation, first_seq, last_seq, before, words FROM edge_words e
    WHERE e.agent = :agent AND e.incarnation = o.incarnation AND e.last_seq >= o.seq ORDER BY e.last_seq LIMIT 1
) AS w;

-- name: newest_words
SELECT w.words FROM edge_words w JOIN incarnation i ON i.agent = w.agent AND i.incarnation = w.incarnation
WHERE w.agent = :agent AND w.incarnation = :incarnation AND w.last_seq > i.seq - :most ORDER BY w.last_seq DESC;

-- name: words_after
SELECT i.ordinal, w.first_seq, w.last_seq, w.before, w.words
FROM incarnation i JOIN edge_words w ON w.agent = i.agent AND w.incarnation = i.incarnation
WHERE i.agent = :agent AND (i.ordinal, w.last_seq) > (:ordinal::bigint, :last_seq::bigint)
ORDER BY i.ordinal, w.last_seq LIMIT :limit;

-- name: known_retold
SELECT hash FROM retold WHERE agent = :agent AND hash = ANY(:hashes::bytea[]);

-- name: add_retold!
INSERT INTO retold (agent, hash) SELECT :agent, h FROM unnest(:hashes::bytea[]) AS h ON CONFLICT DO NOTHING;

-- name: add_snapshots
-- Those that are new.
INSERT INTO snapshot (hash, body) SELECT * FROM unnest(:hashes::text[], :bodies::bytea[]) ON CONFLICT (hash) DO NOTHING
RETURNING hash;

-- name: snapshots
SELECT hash, body FROM snapshot WHERE hash = ANY(:hashes::text[]) ORDER BY hash;

-- name: readable_snapshots
SELECT hash, body FROM snapshot WHERE hash = ANY(:hashes::text[]) AND length(body) <= :most;

-- name: known_snapshots
SELECT hash FROM snapshot WHERE hash = ANY(:hashes::text[]);

-- name: add_drawings
-- The serials of a window come as one text, because unnest would flatten an array of arrays.
INSERT INTO drawing (draw, agent, window_id, job, snapshot, quota_key, gtin, lot_no, sent_at, serials, against, facts,
    certificate, differs, printer)
SELECT d.draw, d.agent, d.window_id, d.job, d.snapshot, d.quota_key, d.gtin, d.lot_no, d.sent_at,
    string_to_array(d.serials, ' '), d.against, d.facts, d.certificate, d.differs, d.printer
FROM unnest(:draws::bytea[], :agents::text[], :windows::text[], :jobs::text[], :snapshots::text[], :quota_keys::text[],
    :gtins::text[], :lot_nos::text[], :sent_ats::text[], :serials::text[], :against::smallint[], :facts::smallint[],
    :certificates::bigint[], :differs::text[], :printers::text[])
    AS d (draw, agent, window_id, job, snapshot, quota_key, gtin, lot_no, sent_at, serials, against, facts, certificate,
        differs, printer)
ON CONFLICT (draw) DO NOTHING RETURNING draw;

-- name: add_serials!
-- The command tag tells how many were new.
INSERT INTO serial (issuer, serial, draw, state, verdict)
SELECT left(n.serial, 3), n.*
FROM unnest(:serials::text[], :draws::bytea[], :states::smallint[], :verdicts::smallint[])
    AS n (serial, draw, state, verdict)
ON CONFLICT (issuer, serial) DO NOTHING;

-- name: holders
-- Read after add_serials, in a snapshot of its own: a row that a concurrent transaction committed meanwhile is seen.
SELECT s.serial, s.draw, s.state, s.verdict | d.against AS verdict, d.agent, d.quota_key, d.sent_at
FROM serial s JOIN drawing d ON d.draw = s.draw
WHERE s.issuer = ANY(:issuers::text[]) AND s.serial = ANY(:serials::text[]);

-- name: drawings_of_windows
SELECT draw, window_id, serials FROM drawing WHERE agent = :agent AND window_id = ANY(:windows::text[]);

-- name: move_serials!
-- By `issuers` partitions are left out before any is opened.
UPDATE serial AS s SET state = m.state
FROM unnest(:serials::text[], :states::smallint[]) AS m (serial, state)
WHERE s.issuer = ANY(:issuers::text[]) AND s.issuer = left(m.serial, 3) AND s.serial = m.serial;

-- name: add_conflicts!
INSERT INTO conflict (agent, incarnation, seq, serial, draw, held_by, held_draw, found_at)
SELECT :agent, :incarnation, c.seq, c.serial, c.draw, c.held_by, c.held_draw, :at::timestamptz
FROM unnest(:seqs::bigint[], :serials::text[], :draws::bytea[], :held_bys::text[], :held_draws::bytea[])
    AS c (seq, serial, draw, held_by, held_draw)
ON CONFLICT (agent, incarnation, seq, serial) DO NOTHING;

-- name: conflicts_between
SELECT seq, serial, held_by FROM conflict
WHERE agent = :agent AND incarnation = :incarnation AND seq BETWEEN :first AND :last ORDER BY seq, serial;

-- name: use_quota!
INSERT INTO quota_use AS q (agent, quota_key, drawn, freed, apart)
SELECT * FROM unnest(:agents::text[], :quota_keys::text[], :drawn::bigint[], :freed::bigint[], :apart::bigint[])
ON CONFLICT (agent, quota_key) DO UPDATE
SET drawn = q.drawn + excluded.drawn, freed = q.freed + excluded.freed, apart = q.apart + excluded.apart;

-- name: note_allotted!
INSERT INTO entitlement AS e (agent, quota_key, proven, allotted) VALUES (:agent, :quota_key, NULL, :quantity)
ON CONFLICT (agent, quota_key) DO UPDATE SET allotted = greatest(e.allotted, excluded.allotted);

-- name: note_proven!
INSERT INTO entitlement AS e (agent, quota_key, proven, allotted)
SELECT :agent, p.quota_key, p.quantity, 0 FROM unnest(:quota_keys::text[], :quantities::bigint[]) AS p (quota_key, quantity)
ON CONFLICT (agent, quota_key) DO UPDATE SET proven = greatest(e.proven, excluded.proven);

-- name: mark_feeds_read!
UPDATE agent SET feeds_read = true WHERE agent = :agent;

-- name: count_told_lost^
UPDATE agent SET told_lost = told_lost + :labels WHERE agent = :agent RETURNING told_lost, moves_withheld;

-- name: count_withheld!
UPDATE agent SET moves_withheld = moves_withheld + :moves WHERE agent = :agent;

-- name: overdrafts
SELECT q.quota_key, q.drawn - q.freed AS used, coalesce(f.quantity, 0) AS allotted
FROM quota_use q
LEFT JOIN feed_item f ON f.agent = q.agent AND f.kind = 'allotment' AND f.key = q.quota_key
WHERE q.agent = :agent AND q.quota_key = ANY(:quota_keys::text[]) AND q.drawn - q.freed > coalesce(f.quantity, 0);

-- name: knows_quota_key$
SELECT EXISTS (SELECT FROM feed_item WHERE kind IN ('lot', 'style') AND kind || ':' || key = :quota_key)
    OR EXISTS (SELECT FROM feed_item WHERE kind = 'allotment' AND key = :quota_key)
    OR EXISTS (SELECT FROM quota_use WHERE quota_key = :quota_key);

-- name: put_feed_items!
INSERT INTO feed_item (agent, kind, key, n, quantity, style_no, body)
SELECT :agent, * FROM unnest(:kinds::text[], :keys::text[], :ns::bigint[], :quantities::bigint[], :style_nos::text[],
    :bodies::text[])
ON CONFLICT (agent, kind, key) DO UPDATE
SET n = excluded.n, quantity = excluded.quantity, style_no = excluded.style_no, body = excluded.body
WHERE feed_item.n < excluded.n;

-- name: feed
-- Items taken back from an agent's books share a number: they are never parted, or a cursor would pass the rest.
SELECT n, body FROM (
    SELECT n, kind, body FROM feed_item
    WHERE agent = :agent AND (kind <> 'allotment' OR key <> ALL(:withheld::text[]))
    UNION ALL
    SELECT greatest(f.n, s.n), f.kind, f.body FROM feed_shown s
    JOIN feed_item f ON f.agent = '*' AND f.kind = s.kind AND f.key = s.key WHERE s.agent = :agent
) AS own (n, kind, body)
WHERE kind <> ALL(:hidden::text[]) AND n > :after ORDER BY n FETCH FIRST (:limit::bigint) ROWS WITH TIES;

-- name: keep_fed_bodies!
INSERT INTO fed_body (sha256, body) SELECT * FROM unnest(:hashes::text[], :bodies::text[]) ON CONFLICT (sha256) DO NOTHING;

-- name: keep_told_bodies
INSERT INTO fed_body (sha256, body) SELECT * FROM unnest(:hashes::text[], :bodies::text[]) ON CONFLICT (sha256) DO NOTHING
RETURNING octet_length(body) AS bytes;

-- name: count_bodies^
INSERT INTO fed_body_day AS d (agent, day, bodies, bytes) VALUES (:agent, :day, :bodies, :bytes)
ON CONFLICT (agent, day) DO UPDATE SET bodies = d.bodies + excluded.bodies, bytes = d.bytes + excluded.bytes
RETURNING bodies, bytes;

-- name: fed_bodies
SELECT sha256, body FROM fed_body WHERE sha256 = ANY(:hashes::text[]);

-- name: feed_not_shown
-- EXCEPT, and no anti-join: without fresh statistics that one looks through all that is shown for each that is due.
SELECT d.kind, d.key FROM (
    SELECT kind, key FROM feed_due WHERE agent = :agent EXCEPT SELECT kind, key FROM feed_shown WHERE agent = :agent
) AS d
JOIN feed_item f ON f.agent = '*' AND f.kind = d.kind AND f.key = d.key ORDER BY f.n;

-- name: show_feed_items!
INSERT INTO feed_shown (agent, kind, key, n)
SELECT :agent, * FROM unnest(:kinds::text[], :keys::text[], :ns::bigint[]) ON CONFLICT (agent, kind, key) DO NOTHING;

-- name: allotments
SELECT agent, key FROM feed_item WHERE kind = 'allotment' AND key = ANY(:keys::text[]) ORDER BY n;

-- name: keys_held
SELECT key FROM feed_item WHERE kind = 'allotment' AND agent = ANY(:agents::text[])
UNION SELECT quota_key FROM quota_use WHERE agent = ANY(:agents::text[]);

-- name: renumber_allotment!
UPDATE feed_item SET n = :n WHERE agent = :agent AND kind = 'allotment' AND key = :key;

-- name: feed_item^
SELECT n, quantity, body FROM feed_item WHERE agent = :agent AND kind = :kind AND key = :key;

-- name: allotted_of
-- Over all names of these goods: a lot may have a second one for agents that know no others.
SELECT p.agent, sum(p.quantity)::bigint AS allotted, coalesce(sum(q.drawn), 0)::bigint AS drawn,
    coalesce(sum(q.freed), 0)::bigint AS freed
FROM promised p LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
WHERE p.quota_key = :quota_key OR p.quota_key IN (
    SELECT o.quota_key FROM quota_key k JOIN quota_key o ON o.firm = k.firm AND o.lot_no = k.lot_no
    WHERE k.quota_key = :quota_key)
GROUP BY p.agent ORDER BY p.agent;

-- name: standing$
SELECT drawn - freed FROM quota_use WHERE agent = :agent AND quota_key = :quota_key;

-- name: note_override!
INSERT INTO allotment_override (quota_key, n, agent, allotted, inspected, by_whom, reason, at)
VALUES (:quota_key, :n, :agent, :allotted, :inspected, :by_whom, :reason, :at);

-- name: overrides
SELECT quota_key, agent, allotted, inspected, allotted - inspected AS above, by_whom, reason, at FROM allotment_override
WHERE :quota_key::text IS NULL OR quota_key = :quota_key ORDER BY quota_key, n;

-- name: lots_above
-- What is promised is that of the view of this name, all at once: it looks each up.
SELECT 'lot:' || l.key AS quota_key, l.quantity AS inspected, sum(a.quantity)::bigint AS allotted,
    (sum(a.quantity) - l.quantity)::bigint AS above
FROM feed_item l JOIN (
    SELECT f.key AS quota_key, coalesce(m.quantity, f.quantity, 0) AS quantity FROM feed_item f LEFT JOIN (
        SELECT DISTINCT ON (agent, quota_key) agent, quota_key, quantity FROM allotment_move ORDER BY agent, quota_key, n DESC
    ) m ON m.agent = f.agent AND m.quota_key = f.key WHERE f.kind = 'allotment'
) a ON a.quota_key = 'lot:' || l.key
WHERE l.agent = '*' AND l.kind = 'lot' AND (:quota_key::text IS NULL OR 'lot:' || l.key = :quota_key)
GROUP BY l.key, l.quantity HAVING sum(a.quantity) > l.quantity ORDER BY l.key;

-- name: note_alarms!
INSERT INTO alarm AS a (agent, id, kind, about, detail, first_at, last_at, times)
SELECT :agent, n.id, n.kind, n.about, n.detail, :at::timestamptz, :at::timestamptz, 1
FROM unnest(:ids::text[], :kinds::text[], :abouts::text[], :details::text[]) AS n (id, kind, about, detail)
ON CONFLICT (agent, id) DO UPDATE SET last_at = excluded.last_at, times = a.times + 1, detail = excluded.detail,
    taken_by = CASE WHEN a.closed_at IS NULL THEN a.taken_by END, taken_at = CASE WHEN a.closed_at IS NULL THEN a.taken_at END,
    answer = CASE WHEN a.closed_at IS NULL THEN a.answer ELSE '' END, closed_by = NULL, closed_at = NULL;

-- name: standing_alarms
-- How many are open of each kind (told by the agent itself: all as one), and which of `ids` are there, open or closed.
SELECT CASE WHEN about LIKE 'agent:%' THEN '' ELSE kind END AS what, count(*) FILTER (WHERE closed_at IS NULL) AS alarms,
    coalesce(array_agg(id) FILTER (WHERE id = ANY(:ids::text[])), '{}') AS known
FROM alarm WHERE agent = :agent AND (closed_at IS NULL OR id = ANY(:ids::text[])) GROUP BY 1;

-- name: close_alarm!
UPDATE alarm SET closed_at = coalesce(closed_at, :at) WHERE agent = :agent AND id = :id;

-- name: open_alarms
SELECT agent, kind, about, detail, first_at, last_at, times FROM alarm WHERE closed_at IS NULL ORDER BY first_at, agent, id;

-- name: labels
-- All that a scan asks beside the label's own row: whose it is, and what was said of its goods, a recall before a
-- suspension, of its own key before one of its lot, unless that is another firm's.
SELECT s.serial, s.state, s.verdict | d.against AS verdict, d.facts, d.certificate, d.differs, d.agent, d.snapshot,
    d.quota_key, d.gtin, d.lot_no, d.sent_at, p.hash IS NOT NULL AS snapshot_held, c.first_at, c.last_at, c.times,
    EXISTS (SELECT FROM conflict x WHERE x.serial = s.serial) AS conflict, l.became, l.at AS became_at,
    own.firm, y.name AS firm_name, y.contact AS firm_contact, y.sandbox AS firm_sandbox,
    ARRAY(SELECT r.body FROM feed_item r
        WHERE r.agent = '*' AND r.kind IN ('recall', 'suspension') AND r.key IN (d.quota_key, 'lot:' || d.lot_no)
        AND NOT EXISTS (SELECT FROM quota_key other WHERE other.quota_key = r.key AND other.firm <> own.firm)
        ORDER BY r.kind, r.key <> d.quota_key) AS notices,
    ARRAY(SELECT json_build_object('kind', n.kind, 'provisional', n.state = 'provisional', 'since', n.made_at,
            'reason', n.reason)::text
        FROM stopped_label t JOIN label_stop n ON n.stop = t.stop
        WHERE t.issuer = w.issuer AND t.serial = w.serial AND n.state <> 'lifted') AS label_stops
FROM unnest(:issuers::text[], :serials::text[]) AS w (issuer, serial)
JOIN serial s ON s.issuer = w.issuer AND s.serial = w.serial
JOIN drawing d ON d.draw = s.draw
LEFT JOIN quota_key own ON own.quota_key = d.quota_key
LEFT JOIN party y ON y.party = own.firm
LEFT JOIN snapshot p ON p.hash = d.snapshot
LEFT JOIN roll_label l ON l.serial = s.serial
LEFT JOIN scan c ON c.serial = s.serial;

-- name: product^
-- The expression is that of the index feed_item_by_gtin.
SELECT body FROM feed_item
WHERE kind IN ('style', 'lot') AND lpad(substring(body FROM '"gtin": "([0-9]{8,14})"'), 14, '0') = :gtin
ORDER BY n DESC LIMIT 1;

-- name: count_scans
-- Those that are there were counted long enough ago when they were read; who counted meanwhile counted for all.
INSERT INTO scan AS s (serial, first_at, last_at, times)
SELECT w.serial, w.at, w.at, 1
FROM unnest(:serials::text[], :ats::timestamptz[]) WITH ORDINALITY AS w (serial, at, place) ORDER BY w.place
ON CONFLICT (serial) DO UPDATE SET
    last_at = CASE WHEN s.last_at <= excluded.last_at - :pause::interval THEN excluded.last_at ELSE s.last_at END,
    times = s.times + (s.last_at <= excluded.last_at - :pause::interval)::int
RETURNING serial, first_at, times;

-- name: lift_time_limit$
-- Until the transaction ends. A limit that suits the service, set for its role or database, is none of the books or the schema.
SELECT set_config('statement_timeout', '0', true);

-- name: books
-- By agent and key what was allotted, and what the sums say became of what was drawn. A day of one key is far below the
-- 10^9 that a lot may have; summed as int it is a tenth of the work that bigint makes, whose sums are numeric.
SELECT coalesce(f.agent, q.agent) AS agent, coalesce(f.key, q.quota_key) AS quota_key,
    coalesce(f.quantity, 0) AS allotted, coalesce(q.drawn, 0) AS drawn,
    coalesce(s.sending, 0) AS sending, coalesce(s.printed, 0) AS printed, coalesce(s.in_doubt, 0) AS in_doubt,
    coalesce(s.commissioned, 0) AS commissioned, coalesce(s.scrapped, 0) AS scrapped, coalesce(s.invalid, 0) AS invalid,
    coalesce(s.conflicts, 0) AS conflicts,
    greatest(0, coalesce(q.drawn - q.freed, 0) - coalesce(f.quantity, 0)) AS overdraft,
    coalesce(q.drawn, 0) = coalesce(s.became, 0) AS balanced, coalesce(q.apart, 0) AS apart
FROM (SELECT agent, key, quantity FROM feed_item WHERE kind = 'allotment') f
FULL JOIN quota_use q ON q.agent = f.agent AND q.quota_key = f.key
LEFT JOIN (
    SELECT agent, quota_key, sum(sending::int) AS sending, sum(printed::int) AS printed,
        sum(in_doubt::int) AS in_doubt, sum(commissioned::int) AS commissioned, sum(scrapped::int) AS scrapped,
        sum(invalid::int) AS invalid, sum(conflicts::int) AS conflicts,
        sum((sending + printed + in_doubt + commissioned + scrapped + invalid + conflicts)::int) AS became
    FROM label_sum WHERE :quota_key::text IS NULL OR quota_key = :quota_key GROUP BY 1, 2
) s ON s.agent = coalesce(f.agent, q.agent) AND s.quota_key = coalesce(f.key, q.quota_key)
WHERE :quota_key::text IS NULL OR coalesce(f.key, q.quota_key) = :quota_key
ORDER BY 2, 1;

-- name: answers$
SELECT true;

-- name: check_key^
SELECT key_id, secret FROM check_key WHERE key_id = :key_id;

-- name: check_keys
SELECT key_id, secret, made_at FROM check_key ORDER BY made_at, key_id;

-- name: add_check_key!
INSERT INTO check_key (key_id, secret, made_at) VALUES (:key_id, :secret, :at);

-- name: lock_check_tries^
-- The row stays locked until commit, so that guesses made at once are counted one after the other.
INSERT INTO check_try AS c (serial, right_times, wrong_since, wrong_times) VALUES (:serial, 0, :at, 0)
ON CONFLICT (serial) DO UPDATE SET serial = c.serial
RETURNING right_first_at, right_times, wrong_since, wrong_times;

-- name: note_right_check^
UPDATE check_try SET right_first_at = coalesce(right_first_at, :at), right_times = right_times + 1
WHERE serial = :serial RETURNING right_first_at, right_times;

-- name: note_wrong_check!
UPDATE check_try SET wrong_since = :since, wrong_times = :times WHERE serial = :serial;
