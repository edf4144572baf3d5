-- What leads said of the site's own templates and rows of the rules, in the order in which they said it.

CREATE TABLE review (
  review_no INTEGER PRIMARY KEY,
  kind TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'rejected')),
  operator TEXT NOT NULL, known_by TEXT NOT NULL, allowed_by TEXT NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
