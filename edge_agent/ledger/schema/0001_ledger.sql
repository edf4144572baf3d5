-- The ledger, first shape. `event` is the truth; the tables under "projections" follow from it and can be rebuilt.
-- STRICT: a wrong type is an error at the write, not a surprise at the audit.

CREATE TABLE event (
  incarnation TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq > 0),
  body BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (incarnation, seq)
) STRICT;

-- Evidence of a fork: events of ours that the registry's history does not hold. `retold_in` is the incarnation that adopted them.
CREATE TABLE forked_event (
  incarnation TEXT NOT NULL,
  seq INTEGER NOT NULL,
  retold_in TEXT NOT NULL,
  body BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (incarnation, seq, retold_in)
) STRICT;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;

CREATE TRIGGER event_leaves_only_as_evidence BEFORE DELETE ON event
WHEN NOT EXISTS (
  SELECT 1 FROM forked_event f WHERE f.incarnation = OLD.incarnation AND f.seq = OLD.seq AND f.hash = OLD.hash
)
BEGIN SELECT RAISE(ABORT, 'an event leaves only after it was copied to forked_event'); END;

CREATE TABLE snapshot (hash TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;

-- Where a start may begin to check the chain. Local; not an event, not compared.
CREATE TABLE checkpoint (
  incarnation TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (incarnation, seq)
) STRICT;

-- What the registry has acknowledged. Local; not an event, not compared.
CREATE TABLE acked (incarnation TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;

-- Projections ------------------------------------------------------------------------------------------------------

CREATE TABLE incarnation (
  ordinal INTEGER PRIMARY KEY,
  incarnation TEXT NOT NULL UNIQUE,
  parent TEXT, parent_seq INTEGER, parent_hash BLOB
) STRICT;

CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  agent TEXT NOT NULL, issuer TEXT NOT NULL, epoch TEXT NOT NULL, registry TEXT NOT NULL
) STRICT;

CREATE TABLE feed (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT NOT NULL, epoch TEXT NOT NULL) STRICT;

CREATE TABLE fed_record (
  kind TEXT NOT NULL, no TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, no)
) STRICT;

CREATE TABLE allotment (
  quota_key TEXT PRIMARY KEY,
  allotted INTEGER NOT NULL DEFAULT 0 CHECK (allotted >= 0),
  spoilage_permille INTEGER NOT NULL DEFAULT 30 CHECK (spoilage_permille BETWEEN 0 AND 1000),
  suspended INTEGER NOT NULL DEFAULT 0,
  recalled INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE job (
  job_id TEXT PRIMARY KEY,
  state TEXT NOT NULL, reason TEXT NOT NULL,
  template TEXT NOT NULL, printer TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0),
  snapshot TEXT NOT NULL, gtin TEXT NOT NULL, lot_no TEXT, quota_key TEXT NOT NULL,
  replaces TEXT NOT NULL, opened_at TEXT NOT NULL
) STRICT;

CREATE TABLE job_key (key TEXT PRIMARY KEY, request_hash TEXT NOT NULL, job_id TEXT NOT NULL) STRICT;

-- Serials that an open job is going to replace: nobody else may.
CREATE TABLE claim (serial TEXT PRIMARY KEY, job_id TEXT NOT NULL) STRICT;
CREATE INDEX claim_job ON claim (job_id);

-- Labels of a window are the rows first_label … first_label + size - 1 of `label`, in print order.
CREATE TABLE "window" (
  window_no INTEGER PRIMARY KEY,
  window_id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL, printer TEXT NOT NULL, counter INTEGER,
  first_label INTEGER NOT NULL, size INTEGER NOT NULL CHECK (size > 0),
  state TEXT NOT NULL, reason TEXT,
  sent_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;

-- Windows on one printer never overlap.
CREATE UNIQUE INDEX window_sending ON "window" (printer) WHERE state = 'sending';

-- UNIQUE is the guard of "a serial exists once"; no code checks before it writes.
-- changed_at is NULL until something happened to this label alone; before that its window's stands.
CREATE TABLE label (
  label_no INTEGER PRIMARY KEY,
  serial TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL, level TEXT,
  window_no INTEGER NOT NULL,
  replaces TEXT, replaced_by TEXT,
  operator TEXT, reason TEXT, changed_at TEXT
) STRICT;

-- Few labels are in these states, so their lists stay quick among millions.
CREATE INDEX label_odd ON label (state, serial) WHERE state NOT IN ('printed', 'commissioned');

-- How many labels of a job or of an allotment stand in each state: what quota and progress are read from.
CREATE TABLE tally (
  scope TEXT NOT NULL CHECK (scope IN ('job', 'quota')),
  key TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (scope, key, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE printer (printer TEXT PRIMARY KEY, counter INTEGER NOT NULL) STRICT;

CREATE TABLE alarm (
  alarm_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL, printer TEXT, detail TEXT NOT NULL, raised_at TEXT NOT NULL,
  closed_at TEXT, operator TEXT, reason TEXT
) STRICT;

CREATE TABLE hold (kind TEXT PRIMARY KEY, detail TEXT NOT NULL, placed_at TEXT NOT NULL) STRICT;
