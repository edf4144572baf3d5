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
