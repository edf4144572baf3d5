-- The books for the size they will have: sums that run with the events, so that nothing counts ten million labels to say
-- how many there are; labels and events in hash partitions by whose they are; a label names its window in 12 bytes.

-- Readers go on until the new tables take the old ones' names, at the end. Batches wait, for as long as the copying takes,
-- before they hold anything: the first thing a batch takes is its agent's row.
LOCK TABLE agent IN EXCLUSIVE MODE;
LOCK TABLE edge_event, serial, drawing, conflict IN SHARE MODE;

-- What became of the labels that an agent drew under a key on one day, Beijing's, by the clock of the agent; one row adds
-- up by itself: drawn = sending + printed + in_doubt + commissioned + scrapped + invalid + conflicts. 1970-01-01 holds what
-- was drawn when nobody knows. The firm is that of the key (table quota_key). The last three count where a garment is.
CREATE TABLE label_sum (
    agent        TEXT   NOT NULL,
    quota_key    TEXT   NOT NULL,
    day          DATE   NOT NULL,
    drawn        BIGINT NOT NULL,
    sending      BIGINT NOT NULL,
    printed      BIGINT NOT NULL,
    in_doubt     BIGINT NOT NULL,
    commissioned BIGINT NOT NULL,
    scrapped     BIGINT NOT NULL,
    invalid      BIGINT NOT NULL,
    conflicts    BIGINT NOT NULL,
    packed       BIGINT NOT NULL DEFAULT 0,
    shipped      BIGINT NOT NULL DEFAULT 0,
    returned     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (agent, quota_key, day)
);
CREATE INDEX label_sum_by_key ON label_sum (quota_key, day);

-- A day is read as central_registry/ingest/sums.py reads it: a date that the calendar does not have is no error.
WITH drawn AS (
    SELECT draw, agent, quota_key, CASE
        WHEN sent_at ~ '^(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])'
        THEN make_date(substr(sent_at, 1, 4)::int, substr(sent_at, 6, 2)::int, 1) + substr(sent_at, 9, 2)::int - 1
            + (substr(sent_at, 12, 2) >= '16')::int
        ELSE DATE '1970-01-01' END AS day
    FROM drawing
), counted AS (
    SELECT d.agent, d.quota_key, d.day, s.state, count(*) AS labels
    FROM serial s JOIN drawn d USING (draw) GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT c.agent, d.quota_key, d.day, NULL, count(*) FROM conflict c JOIN drawn d USING (draw) GROUP BY 1, 2, 3
)
INSERT INTO label_sum (agent, quota_key, day, drawn, sending, printed, in_doubt, commissioned, scrapped, invalid, conflicts)
SELECT agent, quota_key, day, sum(labels),
    coalesce(sum(labels) FILTER (WHERE state = 0), 0), coalesce(sum(labels) FILTER (WHERE state = 1), 0),
    coalesce(sum(labels) FILTER (WHERE state = 2), 0), coalesce(sum(labels) FILTER (WHERE state = 3), 0),
    coalesce(sum(labels) FILTER (WHERE state = 4), 0), coalesce(sum(labels) FILTER (WHERE state = 5), 0),
    coalesce(sum(labels) FILTER (WHERE state IS NULL), 0)
FROM counted GROUP BY 1, 2, 3;

-- The one place where a serial is unique in the world, as before; its first three characters say whose it is, and so which
-- partition. `draw` names the window: the first 12 bytes of the hash of the event that drew it. By chance two windows in
-- 10^9 labels bear one name with odds of 1 in 10^12; an agent that made two of its own alike would hide nothing, since
-- its labels are counted as they are told and shown with the facts of the window that came first.
CREATE TABLE serial_of (
    state   SMALLINT NOT NULL,
    verdict SMALLINT NOT NULL DEFAULT 0,
    issuer  TEXT     NOT NULL,
    serial  TEXT     NOT NULL,
    draw    BYTEA    NOT NULL
) PARTITION BY HASH (issuer);
CREATE TABLE serial_0 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE serial_1 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE serial_2 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE serial_3 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE serial_4 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE serial_5 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE serial_6 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE serial_7 PARTITION OF serial_of FOR VALUES WITH (MODULUS 8, REMAINDER 7);
INSERT INTO serial_of (state, verdict, issuer, serial, draw)
SELECT state, verdict, left(serial, 3), serial, substring(draw FOR 12) FROM serial;
ALTER TABLE serial_of ADD CONSTRAINT serial_of_pkey PRIMARY KEY (issuer, serial);

-- The agents' own words, as before.
CREATE TABLE edge_event_of (
    agent       TEXT   NOT NULL,
    incarnation TEXT   NOT NULL,
    seq         BIGINT NOT NULL,
    hash        BYTEA  NOT NULL,
    body        BYTEA  NOT NULL
) PARTITION BY HASH (agent);
CREATE TABLE edge_event_0 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 0);
CREATE TABLE edge_event_1 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE edge_event_2 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE edge_event_3 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 3);
CREATE TABLE edge_event_4 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 4);
CREATE TABLE edge_event_5 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 5);
CREATE TABLE edge_event_6 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 6);
CREATE TABLE edge_event_7 PARTITION OF edge_event_of FOR VALUES WITH (MODULUS 8, REMAINDER 7);
INSERT INTO edge_event_of SELECT * FROM edge_event;
ALTER TABLE edge_event_of ADD CONSTRAINT edge_event_of_pkey PRIMARY KEY (agent, incarnation, seq);

-- A copy whatever columns it has, so that it stays readable meanwhile; only the name is cut.
CREATE TABLE drawing_of (LIKE drawing INCLUDING DEFAULTS);
DO $$
BEGIN
    EXECUTE (
        SELECT format('INSERT INTO drawing_of (draw, %1$s) SELECT substring(draw FOR 12), %1$s FROM drawing',
            string_agg(quote_ident(attname), ', ' ORDER BY attnum))
        FROM pg_attribute
        WHERE attrelid = 'drawing'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'draw'
    );
END $$;
UPDATE conflict SET draw = substring(draw FOR 12), held_draw = substring(held_draw FOR 12);

-- The indexes of `drawing` are made anew under their own names; readers wait only from DROP on, for milliseconds.
DO $$
DECLARE
    made text[] := ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'drawing'::regclass AND NOT indisprimary);
    one text;
BEGIN
    FOREACH one IN ARRAY made LOOP
        EXECUTE regexp_replace(one, '^CREATE INDEX (\S+) ON (\S+)drawing ', 'CREATE INDEX \1_of ON \2drawing_of ');
    END LOOP;
    ALTER TABLE drawing_of ADD PRIMARY KEY (draw);
    ANALYZE serial_of, edge_event_of, drawing_of, label_sum;
    DROP TABLE serial, edge_event, drawing;
    FOREACH one IN ARRAY made LOOP
        one := (regexp_match(one, '^CREATE INDEX (\S+) ON '))[1];
        EXECUTE format('ALTER INDEX %I RENAME TO %I', one || '_of', one);
    END LOOP;
END $$;
ALTER INDEX drawing_of_pkey RENAME TO drawing_pkey;
ALTER TABLE drawing_of RENAME TO drawing;
ALTER INDEX serial_of_pkey RENAME TO serial_pkey;
ALTER TABLE serial_of RENAME TO serial;
ALTER INDEX edge_event_of_pkey RENAME TO edge_event_pkey;
ALTER TABLE edge_event_of RENAME TO edge_event;
