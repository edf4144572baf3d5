-- Which printer of its agent a window went to, as its event says; '' for what was told before this was kept.
ALTER TABLE drawing ADD COLUMN printer TEXT NOT NULL DEFAULT '';
