-- Statements of central_registry/exchange: keys of those who ask.

-- name: admitted_asker^
-- A party that an association admitted, and that may be given a key.
SELECT p.party, p.kind FROM party p
JOIN membership m ON m.party = p.party AND m.association = :association AND m.ended_at IS NULL
WHERE p.party = :party;

-- name: add_verify_key!
INSERT INTO verify_key (verify_key, association, party, secret_hash, note, per_minute, rights, made_at, ends_at, person)
VALUES (:verify_key, :association, :party, :secret_hash, :note, :per_minute, :rights, :at, :ends_at, :person);

-- name: verify_key^
-- A key as it is shown, with how its party stands.
SELECT k.verify_key, k.association, k.party, p.kind, k.secret_hash, k.per_minute, k.rights, k.ends_at, k.ended_at, s.status
FROM verify_key k LEFT JOIN party p ON p.party = k.party
LEFT JOIN LATERAL (SELECT status FROM party_status s WHERE s.party = k.party ORDER BY n DESC LIMIT 1) s ON true
WHERE k.verify_key = :verify_key;

-- name: verify_keys
SELECT k.verify_key, k.association, k.party, p.name AS party_name, k.note, k.per_minute, k.rights, k.made_at, k.ends_at,
    k.ended_at
FROM verify_key k LEFT JOIN party p ON p.party = k.party ORDER BY k.made_at DESC, k.verify_key;

-- name: end_verify_key^
UPDATE verify_key SET ended_at = coalesce(ended_at, :at)
WHERE verify_key = :verify_key AND association = :association
RETURNING verify_key, party, ended_at;
