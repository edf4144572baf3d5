-- Statements of central_registry/parties: who is here, what they did.

-- name: lock_audit$
-- The end of the chain: `n:hash`.
SELECT value FROM meta WHERE key = 'audit' FOR UPDATE;

-- name: add_audit!
INSERT INTO audit (n, at, person, party, how, act, about, concerns, detail, four_eyes, hash)
VALUES (:n, :at, :person, :party, :how, :act, :about, :concerns, :detail, :four_eyes, :hash);

-- name: set_party$
-- Read by row-level security, for as long as the transaction lasts.
SELECT set_config('registry.party', :party, true) || set_config('registry.kind', :kind, true)
    || set_config('registry.person', :person, true);

-- name: add_session!
INSERT INTO person_session (session, person, how, made_at, seen_at, ends_at)
VALUES (:session, :person, :how, :at, :at, :ends_at);

-- name: session_actor^
SELECT p.person, p.party, y.kind, p.roles, s.how, y.sandbox, coalesce(f.value, 'on') AS four_eyes
FROM person_session s
JOIN person p ON p.person = s.person AND p.left_at IS NULL
JOIN party y ON y.party = p.party
LEFT JOIN party_setting f ON f.party = p.party AND f.key = 'four_eyes'
WHERE s.session = :session AND s.ends_at > :at AND s.seen_at > :idle_since;

-- name: touch_session!
-- At most once a minute: a page that asks often writes no row each time.
UPDATE person_session SET seen_at = :at WHERE session = :session AND seen_at < :at::timestamptz - interval '1 minute';

-- name: end_session!
DELETE FROM person_session WHERE session = :session;

-- name: drop_old_sessions!
DELETE FROM person_session WHERE ends_at <= :at OR seen_at <= :idle_since;

-- name: end_other_sessions!
DELETE FROM person_session WHERE person = :person AND session <> :session;

-- name: lock_person_of_login^
SELECT p.* FROM login l JOIN person p ON p.person = l.person WHERE l.login = :login FOR UPDATE OF p;

-- name: lock_person^
SELECT * FROM person WHERE person = :person FOR UPDATE;

-- name: person_actor^
SELECT p.person, p.party, y.kind, p.roles, y.sandbox, coalesce(f.value, 'on') AS four_eyes
FROM person p
JOIN party y ON y.party = p.party
LEFT JOIN party_setting f ON f.party = p.party AND f.key = 'four_eyes'
WHERE p.person = :person AND p.left_at IS NULL;

-- name: person_card^
SELECT p.person, p.login, coalesce(n.name, '') AS name, coalesce(n.contact, '') AS contact, p.party,
    y.name AS party_name, p.totp_secret IS NOT NULL AS totp
FROM person p
JOIN party y ON y.party = p.party
LEFT JOIN person_name n ON n.person = p.person
WHERE p.person = :person;

-- name: party_name$
SELECT name FROM party WHERE party = :party;

-- name: count_failure!
UPDATE person SET failures = :failures, locked_until = :locked_until WHERE person = :person;

-- name: clear_failures!
UPDATE person SET failures = 0, locked_until = NULL WHERE person = :person;

-- name: set_password!
UPDATE person SET password_hash = :password_hash, must_change = false, word_until = NULL WHERE person = :person;

-- name: spend_code!
UPDATE person SET totp_last = :step WHERE person = :person AND totp_last < :step;

-- name: keep_new_totp!
UPDATE person SET totp_new = :secret WHERE person = :person;

-- name: take_new_totp!
UPDATE person SET totp_secret = totp_new, totp_new = NULL, totp_last = :step WHERE person = :person;
