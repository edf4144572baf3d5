-- Who gave somebody the one-time word with which they came in last, and when: for a while these two logins may be one hand.
ALTER TABLE person ADD COLUMN word_by TEXT NOT NULL DEFAULT '', ADD COLUMN word_at TIMESTAMPTZ;
UPDATE person SET word_by = made_by, word_at = made_at;
CREATE INDEX person_by_word ON person (word_by, word_at);

-- With whom a person may be one hand: who gave them their word since then, and to whom they gave one.
CREATE FUNCTION fence_one_hand(who TEXT, since TIMESTAMPTZ) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(array_agg(hand.person), '{}') FROM (
        SELECT word_by AS person FROM person WHERE person = who AND word_at > since AND word_by <> ''
        UNION SELECT person FROM person WHERE word_by = who AND word_at > since
    ) AS hand
$$;
