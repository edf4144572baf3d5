-- What an allotment is for, until when serials may be drawn under it, what of its lot is certified: as the feed told it. A
-- key without a row in any of these was allotted before there were such things, and is drawn on as before.

CREATE TABLE allotted_to (
  quota_key TEXT PRIMARY KEY,
  firm TEXT NOT NULL, firm_name TEXT NOT NULL,
  lot_no TEXT, style_no TEXT NOT NULL,
  gtins TEXT NOT NULL
) STRICT;
CREATE INDEX allotted_to_lot ON allotted_to (lot_no);

-- `until` is NULL where it does not end; `closed_at`: it ended, and the registry was told what was left.
CREATE TABLE lease (
  quota_key TEXT PRIMARY KEY,
  until TEXT, warn_days INTEGER NOT NULL CHECK (warn_days >= 0),
  closed_at TEXT
) STRICT;

CREATE TABLE certificate (
  quota_key TEXT PRIMARY KEY,
  firm TEXT NOT NULL, lot_no TEXT NOT NULL, version INTEGER NOT NULL, scheme TEXT NOT NULL,
  valid_from TEXT NOT NULL, valid_to TEXT,
  facts TEXT NOT NULL, sha256 TEXT NOT NULL,
  withdrawn INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;

-- Two firms may have a lot or a style of one number; what was fed without a firm has the empty one.
ALTER TABLE fed_record RENAME TO fed_record_9;
CREATE TABLE fed_record (
  kind TEXT NOT NULL, no TEXT NOT NULL, firm TEXT NOT NULL DEFAULT '', record TEXT NOT NULL, PRIMARY KEY (kind, no, firm)
) STRICT;
INSERT INTO fed_record (kind, no, record) SELECT kind, no, record FROM fed_record_9;
DROP TABLE fed_record_9;

-- The newest time of any event since somebody said that the clock is right: a lease that ended does not begin again
-- because a clock was set back.
CREATE TABLE newest (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL) STRICT;
INSERT INTO newest (one, at)
SELECT 1, max(json_extract(CAST(body AS TEXT), '$.at')) FROM event HAVING count(*) > 0;

-- What time the registry said it was, last. Local; not an event, not compared.
CREATE TABLE heard (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL) STRICT;
