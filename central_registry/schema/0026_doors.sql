-- Doors that stood ajar: what is shown, read and kept by whom.

-- The secret that an agent had before the one it has, and since when that one is proven (NULL: not since it was enrolled);
-- when the old one was last shown, by a copy of its disk.
ALTER TABLE agent
    ADD COLUMN old_secret_hash BYTEA,
    ADD COLUMN proven_at       TIMESTAMPTZ,
    ADD COLUMN old_shown_at    TIMESTAMPTZ;
