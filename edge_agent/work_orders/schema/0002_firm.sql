-- For whom an order is to be printed, by the firm's credit code; empty: it did not say.
ALTER TABLE work_order ADD COLUMN firm TEXT NOT NULL DEFAULT '';
