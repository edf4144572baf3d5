-- The books for the size they will have: sums that run with the events, so that nothing counts ten million labels to say
-- how many there are.

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
