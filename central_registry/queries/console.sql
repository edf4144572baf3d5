-- Statements of central_registry/console: what its frame says of whoever is logged in.

-- name: console_me^
SELECT coalesce(n.name, '') AS name, coalesce(nullif(y.short_name, ''), y.name) AS party_name
FROM person p
JOIN party y ON y.party = p.party
LEFT JOIN person_name n ON n.person = p.person
WHERE p.person = :person;
