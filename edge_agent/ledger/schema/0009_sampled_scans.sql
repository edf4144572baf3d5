-- Sampled scans: after so many windows one label of the last is scanned before the job goes on; 0: nobody asked for it.
-- `unscanned` counts the job's printed windows since a label of the then last one was scanned.
ALTER TABLE job ADD COLUMN scan_every INTEGER NOT NULL DEFAULT 0 CHECK (scan_every >= 0);
ALTER TABLE job ADD COLUMN unscanned INTEGER NOT NULL DEFAULT 0 CHECK (unscanned >= 0);
