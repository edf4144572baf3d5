-- The agents' own words as they came: what was told at once is one row. An event of its own row cost as much again as what
-- it said, and half of that was said by the one before.

-- Agents' batches wait, before they hold anything: the first thing a batch takes is its agent's row. Nothing that a scan
-- reads is touched.
LOCK TABLE agent IN EXCLUSIVE MODE;

-- `words`: the canonical bytes of the events from `first_seq` to `last_seq`, as hashed, one a line; packed by
-- central_registry/agents/words.py, or as they are. `before`: the hash of the event before the first, from which those of
-- the others follow.
CREATE TABLE edge_words (
    first_seq   BIGINT NOT NULL,
    last_seq    BIGINT NOT NULL,
    agent       TEXT   NOT NULL,
    incarnation TEXT   NOT NULL,
    before      BYTEA  NOT NULL,
    words       BYTEA  NOT NULL
) PARTITION BY HASH (agent);
CREATE TABLE edge_words_0 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE edge_words_1 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE edge_words_2 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE edge_words_3 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE edge_words_4 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE edge_words_5 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE edge_words_6 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE edge_words_7 PARTITION OF edge_words FOR VALUES WITH (MODULUS 8, REMAINDER 7);

-- What was told until here, a thousand events a row: PostgreSQL packs rows as long as these by itself.
INSERT INTO edge_words (first_seq, last_seq, agent, incarnation, before, words)
SELECT w.first_seq, w.last_seq, w.agent, w.incarnation, coalesce(e.hash, decode(repeat('00', 32), 'hex')), w.words
FROM (
    SELECT min(seq) AS first_seq, max(seq) AS last_seq, agent, incarnation, string_agg(body, '\x0a' ORDER BY seq) AS words
    FROM edge_event GROUP BY agent, incarnation, (seq - 1) / 1000
) AS w
LEFT JOIN edge_event e ON e.agent = w.agent AND e.incarnation = w.incarnation AND e.seq = w.first_seq - 1;
ALTER TABLE edge_words ADD PRIMARY KEY (agent, incarnation, last_seq);
ANALYZE edge_words;
DROP TABLE edge_event;
