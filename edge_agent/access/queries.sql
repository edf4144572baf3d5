-- name: people_ever()$
SELECT count(*) FROM person;

-- name: people()
SELECT p.person_id, p.name, p.role, p.pin, p.wrong_pins, p.locked_until_s, p.added_at, p.left_at,
       EXISTS (SELECT 1 FROM badge b WHERE b.person_id = p.person_id AND b.revoked_at IS NULL)
FROM person p ORDER BY p.added_at, p.person_id;

-- name: add_person(person, name, role, pin, at)!
INSERT INTO person (person_id, name, role, pin, added_at) VALUES (:person, :name, :role, :pin, :at);

-- name: set_pin(pin, person)!
UPDATE person SET pin = :pin, wrong_pins = 0, locked_until_s = 0 WHERE person_id = :person;

-- name: set_wrong_pins(wrong, until, person)!
UPDATE person SET wrong_pins = :wrong, locked_until_s = :until WHERE person_id = :person;

-- name: leave(at, person)!
UPDATE person SET left_at = :at, pin = NULL WHERE person_id = :person;

-- name: forget(person)!
UPDATE person SET name = '' WHERE person_id = :person;

-- name: badge(badge)^
SELECT person_id, revoked_at FROM badge WHERE badge = :badge;

-- name: add_badge(badge, person, at)!
INSERT INTO badge (badge, person_id, issued_at) VALUES (:badge, :person, :at);

-- name: revoke_badges(at, person)!
UPDATE badge SET revoked_at = :at WHERE person_id = :person AND revoked_at IS NULL;

-- name: tokens()
SELECT program_id, name, scopes, added_at, revoked_at FROM token ORDER BY added_at, program_id;

-- name: token(token)^
SELECT program_id, scopes FROM token WHERE token = :token AND revoked_at IS NULL;

-- name: add_token(token, program, name, scopes, at)!
INSERT INTO token (token, program_id, name, scopes, added_at) VALUES (:token, :program, :name, :scopes, :at);

-- name: revoke_token(at, program)!
UPDATE token SET revoked_at = :at WHERE program_id = :program AND revoked_at IS NULL;
