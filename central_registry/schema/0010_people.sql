-- What log-in needs beside the tables of 0009.

-- `word_until`: how long a one-time word is good. `totp_new`: a secret that was shown and has not yet been proven by a code.
ALTER TABLE person
    ADD COLUMN word_until TIMESTAMPTZ,
    ADD COLUMN totp_new   TEXT;
