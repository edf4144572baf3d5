-- Statements of central_registry/exchange: addresses that are told, and what they are told.

-- name: count_webhooks$
SELECT count(*) FROM webhook WHERE party = :party AND ended_at IS NULL;

-- name: add_webhook!
INSERT INTO webhook (webhook, party, url, secret, since_n, made_at, person)
SELECT :webhook, :party, :url, :secret, coalesce(max(n), 0), :at, :person FROM feed_item;

-- name: webhooks
SELECT w.webhook, w.party, w.url, w.made_at, w.ended_at, m.waiting, m.given_up, m.arrived
FROM webhook w
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE done_at IS NULL AND given_up_at IS NULL) AS waiting,
        count(*) FILTER (WHERE given_up_at IS NOT NULL) AS given_up, count(done_at) AS arrived
    FROM webhook_message WHERE webhook = w.webhook
) m
WHERE w.party = :party ORDER BY w.made_at DESC, w.webhook;

-- name: end_webhook^
UPDATE webhook SET ended_at = coalesce(ended_at, :at) WHERE webhook = :webhook AND party = :party
RETURNING webhook, url, ended_at;

-- name: webhook_log
SELECT m.message, m.webhook, w.url, m.kind, m.line, m.body, m.made_at, m.tries, m.answer, m.tried_at, m.next_at, m.done_at,
    m.given_up_at
FROM webhook_message m JOIN webhook w ON w.webhook = m.webhook
WHERE w.party = :party AND m.body <> '' ORDER BY m.n DESC LIMIT :most;

-- name: send_webhook_again^
UPDATE webhook_message m SET next_at = :at, tries = 0, done_at = NULL, given_up_at = NULL
FROM webhook w
WHERE m.message = :message AND w.webhook = m.webhook AND w.party = :party AND w.ended_at IS NULL AND m.body <> ''
RETURNING m.message, m.webhook, m.kind, m.line;

-- name: untold_notices
-- Stops of goods as they stand, for each address that may hear of them and has not: a firm's own, an association's
-- firms', and for whom an association admitted, its firms' too. One of each goods and kind, however many keys they have.
SELECT * FROM (
SELECT DISTINCT ON (w.webhook, k.firm, k.lot_no, k.style_no, f.kind)
    w.webhook, f.kind, f.body, f.n, k.firm, coalesce(k.lot_no, '') AS lot_no, k.style_no, p.name AS firm_name
FROM webhook w
JOIN feed_item f ON f.agent = '*' AND f.kind IN ('suspension', 'recall')
JOIN quota_key k ON k.quota_key = f.key
LEFT JOIN party p ON p.party = k.firm
WHERE w.ended_at IS NULL
    AND (f.n > w.since_n OR position('"suspended": false' IN f.body) = 0)
    AND (k.firm = w.party OR EXISTS (
        SELECT FROM membership m WHERE m.party = k.firm AND m.ended_at IS NULL AND (
            m.association = w.party OR EXISTS (
                SELECT FROM membership o JOIN party asker ON asker.party = o.party
                WHERE o.party = w.party AND o.association = m.association AND o.ended_at IS NULL
                    AND asker.kind IN ('marketplace', 'inspector')))))
ORDER BY w.webhook, k.firm, k.lot_no, k.style_no, f.kind, f.n DESC
) stands
WHERE NOT EXISTS (
    SELECT FROM webhook_message sent WHERE sent.webhook = stands.webhook AND sent.cause = 'feed ' || stands.n)
ORDER BY stands.n LIMIT :most;

-- name: untold_label_stops
-- Stops of single labels as they stand, each state once: for who hears of a firm's goods (`untold_notices`).
SELECT w.webhook, t.stop, t.kind, t.state, t.firm, p.name AS firm_name, t.labels, t.reason,
    ARRAY(SELECT l.serial FROM stopped_label l WHERE l.stop = t.stop ORDER BY l.serial LIMIT :named) AS serials
FROM webhook w
JOIN label_stop t ON t.state <> 'lifted' OR t.decided_at > w.made_at
LEFT JOIN party p ON p.party = t.firm
WHERE w.ended_at IS NULL
    AND (t.firm = w.party OR EXISTS (
        SELECT FROM membership m WHERE m.party = t.firm AND m.ended_at IS NULL AND (
            m.association = w.party OR EXISTS (
                SELECT FROM membership o JOIN party asker ON asker.party = o.party
                WHERE o.party = w.party AND o.association = m.association AND o.ended_at IS NULL
                    AND asker.kind IN ('marketplace', 'inspector')))))
    AND NOT EXISTS (SELECT FROM webhook_message sent
        WHERE sent.webhook = w.webhook AND sent.cause = 'labels ' || t.stop || ' ' || t.kind || ' ' || t.state)
ORDER BY t.made_at, t.stop LIMIT :most;

-- name: untold_alarms
SELECT w.webhook, a.agent, a.id, a.kind, a.about, a.detail, a.first_at
FROM webhook w
JOIN agent g ON g.owner = w.party OR g.association = w.party
JOIN alarm a ON a.agent = g.agent
WHERE w.ended_at IS NULL AND a.closed_at IS NULL AND a.first_at >= w.made_at AND a.kind = ANY (:kinds)
    AND NOT EXISTS (SELECT FROM webhook_message told WHERE told.webhook = w.webhook AND told.cause = 'alarm ' || a.agent || ' ' || a.id)
ORDER BY a.first_at, a.id LIMIT :most;

-- name: add_webhook_message!
INSERT INTO webhook_message (message, webhook, cause, line, kind, body, made_at, next_at)
VALUES (:message, :webhook, :cause, :line, :kind, :body, :at, :at)
ON CONFLICT (webhook, cause) DO NOTHING;

-- name: claim_webhook_messages
-- The first of each line that is due, a few for each address, so that a slow one does not keep the others waiting; nobody
-- else takes them before `until`, and whoever fell meanwhile has them taken again.
UPDATE webhook_message m SET next_at = :until, tries = m.tries + 1, tried_at = :at
FROM webhook w
WHERE w.webhook = m.webhook AND m.next_at <= :at AND m.done_at IS NULL AND m.given_up_at IS NULL AND m.message IN (
    SELECT due.message FROM (
        SELECT h.message, row_number() OVER (PARTITION BY h.webhook ORDER BY h.n) AS place
        FROM webhook_message h JOIN webhook living ON living.webhook = h.webhook AND living.ended_at IS NULL
        WHERE h.done_at IS NULL AND h.given_up_at IS NULL AND h.next_at <= :at AND NOT EXISTS (
            SELECT FROM webhook_message b
            WHERE b.webhook = h.webhook AND b.line = h.line AND b.n < h.n AND b.done_at IS NULL AND b.given_up_at IS NULL)
    ) due WHERE due.place <= :each ORDER BY due.place LIMIT :most)
RETURNING m.message, m.body, m.tries, w.url, w.secret;

-- name: note_webhook_answer!
UPDATE webhook_message SET answer = :answer, done_at = :done_at, given_up_at = :given_up_at, next_at = :next_at
WHERE message = :message;

-- name: forget_webhook_messages
-- What arrived or was given up before a day, or whose address ended before it: emptied, not deleted, since a stop that
-- stands would else be told again as new.
UPDATE webhook_message SET body = '', answer = ''
WHERE message IN (
    SELECT m.message FROM webhook_message m JOIN webhook w ON w.webhook = m.webhook
    WHERE m.body <> '' AND m.made_at < :before AND coalesce(greatest(m.done_at, m.given_up_at), w.ended_at) < :before
    ORDER BY m.made_at LIMIT :most)
RETURNING message;
