-- What issuing lacked: promised totals beside what is fed, why an agent is revoked, certificates among what is due.

-- Why an agent gets nothing more: 'lost', 'copied' (its secret is elsewhere), 'barred';
-- and when it last asked for news, which is not when its ledger last spoke (`seen_at`).
ALTER TABLE agent
    ADD COLUMN revoked_why    TEXT NOT NULL DEFAULT '',
    ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '',
    ADD COLUMN asked_at       TIMESTAMPTZ;

-- Who has news since a number; each process asks that once a second for all agents whose answer it holds open.
CREATE INDEX feed_item_by_number ON feed_item (n);

-- How much an agent may have under a key in all: as the last move says, else as it was allotted before there were moves.
-- An agent that knows no leases is fed less than that at a time, so feed_item.quantity is no sum of promises.
CREATE VIEW promised AS
SELECT f.agent, f.key AS quota_key, coalesce(
    (SELECT m.quantity FROM allotment_move m WHERE m.agent = f.agent AND m.quota_key = f.key ORDER BY m.n DESC LIMIT 1),
    f.quantity, 0) AS quantity
FROM feed_item f WHERE f.kind = 'allotment';

-- As in 0006, and the certificates of an agent's keys, once it says that it knows what those are.
CREATE OR REPLACE VIEW feed_due AS
SELECT agent, 'lot' AS kind, substr(key, 5) AS key FROM feed_item WHERE kind = 'allotment' AND key LIKE 'lot:%'
UNION
SELECT agent, 'style', substr(key, 7) FROM feed_item WHERE kind = 'allotment' AND key LIKE 'style:%'
UNION
SELECT a.agent, 'style', l.style_no
FROM feed_item a JOIN feed_item l ON l.agent = '*' AND l.kind = 'lot' AND l.key = substr(a.key, 5)
WHERE a.kind = 'allotment' AND a.key LIKE 'lot:%'
UNION
SELECT k.agent, notice.kind, k.key
FROM (SELECT agent, key FROM feed_item WHERE kind = 'allotment' UNION SELECT agent, quota_key FROM quota_use) k,
    (VALUES ('suspension'), ('recall')) AS notice (kind)
UNION
SELECT f.agent, 'certificate', f.key FROM feed_item f JOIN agent a ON a.agent = f.agent
WHERE f.kind = 'allotment' AND a.can LIKE '%certificates%';
