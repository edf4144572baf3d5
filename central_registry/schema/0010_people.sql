-- What log-in needs beside the tables of 0009.

-- `word_until`: how long a one-time word is good. `totp_new`: a secret that was shown and has not yet been proven by a code.
ALTER TABLE person
    ADD COLUMN word_until TIMESTAMPTZ,
    ADD COLUMN totp_new   TEXT;

-- One licence is one party: whoever admits it must learn that it is here, though another admitted it and row-level
-- security hides it.
CREATE FUNCTION fence_known(wanted text) RETURNS TABLE (kind text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT kind, name FROM party WHERE party = wanted $$;
