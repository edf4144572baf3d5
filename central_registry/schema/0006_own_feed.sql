-- Each agent is fed its own (ARCHITECTURE 7.4): until here everybody was fed every lot, style and notice.

-- The style a lot is of, only for lots; and `quantity` is a lot's inspected quantity now, too (null: its record states
-- none). PostgreSQL refuses to look into JSON that holds a NUL, so that is left out first.
ALTER TABLE feed_item ADD COLUMN style_no TEXT;
UPDATE feed_item AS f
SET style_no = l.record -> 'product' ->> 'style_no',
    quantity = CASE
        WHEN json_typeof(l.record -> 'lot' -> 'quantity') = 'number' AND l.record -> 'lot' ->> 'quantity' ~ '^[0-9]{1,9}$'
        THEN (l.record -> 'lot' ->> 'quantity')::bigint END
FROM (
    SELECT key, regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g')::json -> 'record' AS record
    FROM feed_item WHERE agent = '*' AND kind = 'lot'
) AS l
WHERE f.agent = '*' AND f.kind = 'lot' AND f.key = l.key;

-- All that hangs on one lot or quota key, over all agents.
CREATE INDEX feed_item_by_key ON feed_item (key, kind);

-- Which of everybody's items an agent is to be fed: the lots it has (or had) an allotment of and their styles, the styles
-- of its style allotments, and the notices of every key it was allotted or drew under. Items that do not exist are named
-- too, so a reader joins them with feed_item.
CREATE VIEW feed_due AS
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
    (VALUES ('suspension'), ('recall')) AS notice (kind);

-- Everybody's items that an agent is shown, and since which number: to this agent an item bears the higher of that number
-- and its own, so what is older than the agent's cursor reaches it all the same when it comes into view.
CREATE TABLE feed_shown (
    agent TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    key   TEXT   NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (agent, kind, key)
);

-- Whoever was fed everything keeps its place: what is its own bears the number it always had.
INSERT INTO feed_shown (agent, kind, key, n)
SELECT d.agent, d.kind, d.key, 0
FROM feed_due d JOIN feed_item f ON f.agent = '*' AND f.kind = d.kind AND f.key = d.key;

-- More allotted than was inspected, by whose word and why: one row for each time it was ordered. `n` is the number of the
-- allotment (or of the lot) in the feed, `allotted` the sum over all agents, `inspected` the lot's quantity, null if unknown.
CREATE TABLE allotment_override (
    quota_key TEXT        NOT NULL,
    n         BIGINT      NOT NULL,
    agent     TEXT,
    allotted  BIGINT      NOT NULL,
    inspected BIGINT,
    by_whom   TEXT        NOT NULL,
    reason    TEXT        NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (quota_key, n)
);
