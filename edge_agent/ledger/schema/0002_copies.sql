-- Labels that carry no code: orders of equal copies. No serial stands behind them, so numbers are all there is.

CREATE TABLE copies (
  copies_id TEXT PRIMARY KEY,
  key TEXT NOT NULL UNIQUE, request_hash TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL,
  template TEXT NOT NULL, printer TEXT NOT NULL, snapshot TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  printed INTEGER NOT NULL DEFAULT 0 CHECK (printed >= 0),
  unproven INTEGER NOT NULL DEFAULT 0 CHECK (unproven >= 0),
  sending INTEGER NOT NULL DEFAULT 0 CHECK (sending >= 0),
  level TEXT,
  unchecked INTEGER NOT NULL, operator TEXT NOT NULL,
  opened_at TEXT NOT NULL, changed_at TEXT NOT NULL,
  CHECK (printed + unproven + sending <= quantity)
) STRICT;

-- Few are open, whatever has been printed in all the years.
CREATE INDEX copies_open ON copies (printer) WHERE state = 'open' OR sending > 0;

-- Rows of copies that may have come out since the counter was known last: so many counts are no stranger's.
ALTER TABLE printer ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
