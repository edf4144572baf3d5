-- A one-time token ends by itself. One that was made before this counts from now on.
ALTER TABLE agent ADD COLUMN token_made_at TIMESTAMPTZ;
UPDATE agent SET token_made_at = now() WHERE token_hash IS NOT NULL;
