-- Where garments are: a carton, and which serials are in it. Beside the life of a label, which packing never changes.

CREATE TABLE carton (
  carton TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  sscc TEXT UNIQUE,
  packed INTEGER NOT NULL DEFAULT 0 CHECK (packed >= 0),
  printings INTEGER NOT NULL DEFAULT 0,
  operator TEXT NOT NULL,
  opened_at TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;

-- A carton that is opened again has no key of its own; what two histories opened under one key are two cartons.
CREATE INDEX carton_key ON carton (key);

-- Few are open, whatever was packed in all the years.
CREATE INDEX carton_open ON carton (state) WHERE state = 'open';

-- The key is the guard of "a garment is in one carton": no code checks before it writes.
CREATE TABLE packed (serial TEXT PRIMARY KEY, carton TEXT NOT NULL, operator TEXT NOT NULL, packed_at TEXT NOT NULL) STRICT;
CREATE INDEX packed_carton ON packed (carton);
