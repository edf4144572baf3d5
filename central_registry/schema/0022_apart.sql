-- Two machines of one identity: what the one tells beside the line has a bit of its own (512) in `drawing.against`, and labels
-- of which nobody has said yet what they are use up nothing.

-- 564 = told after its agent was revoked (lost, copied, barred), or by a second machine of its identity.
DROP INDEX drawing_told_after;
CREATE INDEX drawing_told_after ON drawing (agent) WHERE (against & 564) <> 0;

-- Of drawn − freed, how many stand in windows of which an approver has not said that they count (564), or has said that they
-- do not (256): those use up no quota of the machine that goes on.
ALTER TABLE quota_use ADD COLUMN apart BIGINT NOT NULL DEFAULT 0;
UPDATE quota_use AS q SET apart = w.labels FROM (
    SELECT d.agent, d.quota_key, sum(cardinality(d.serials) - (
        SELECT count(*) FROM unnest(d.serials) AS u (serial) JOIN serial s
            ON s.issuer = left(u.serial, 3) AND s.serial = u.serial AND s.draw = d.draw
        WHERE s.state IN (4, 5))) AS labels
    FROM drawing d WHERE (d.against & 820) <> 0 GROUP BY 1, 2
) AS w WHERE q.agent = w.agent AND q.quota_key = w.quota_key;

-- What was distributed (lots, styles, certificates), by the SHA-256 of its canonical JSON, as agents name it in their events.
CREATE TABLE fed_body (
    sha256 TEXT PRIMARY KEY,
    body   TEXT NOT NULL
);
