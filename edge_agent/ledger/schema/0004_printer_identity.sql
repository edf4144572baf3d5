-- Which printer stands at a line: the one that was confirmed, and the question that holds the line while it may be another.

CREATE TABLE printer_identity (printer TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT;

-- `put_back`: somebody has said that it is the wrong one; the line waits for the confirmed one.
CREATE TABLE printer_question (
  printer TEXT PRIMARY KEY,
  question TEXT NOT NULL,
  known TEXT NOT NULL, found TEXT NOT NULL,
  before INTEGER, after INTEGER,
  put_back INTEGER NOT NULL DEFAULT 0,
  asked_at TEXT NOT NULL
) STRICT;
