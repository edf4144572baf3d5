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
SELECT p.person, p.party, y.kind, p.roles, s.how, y.sandbox, coalesce(f.value, 'on') AS four_eyes,
    fence_one_hand(p.person, :hand_since) AS one_hand
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
-- A day after they were over: whoever looks at what happened yesterday still finds them.
DELETE FROM person_session WHERE ends_at <= :at::timestamptz - interval '1 day';

-- name: end_other_sessions!
DELETE FROM person_session WHERE person = :person AND session <> :session;

-- name: lock_person_of_login^
SELECT p.* FROM login l JOIN person p ON p.person = l.person WHERE l.login = :login FOR UPDATE OF p;

-- name: lock_person^
SELECT * FROM person WHERE person = :person FOR UPDATE;

-- name: person_actor^
SELECT p.person, p.party, y.kind, p.roles, y.sandbox, coalesce(f.value, 'on') AS four_eyes,
    fence_one_hand(p.person, :hand_since) AS one_hand
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
UPDATE person SET failures = :failures, failures_forgotten = :forgotten, locked_until = :locked_until
WHERE person = :person;

-- name: count_stranger!
-- Written for its cost alone, as a person's try is.
INSERT INTO login_stranger (n, tries) VALUES (:n, 1) ON CONFLICT (n) DO UPDATE SET tries = login_stranger.tries + 1;

-- name: clear_failures!
UPDATE person SET failures = 0, failures_forgotten = 0, locked_until = NULL WHERE person = :person;

-- name: set_password!
UPDATE person SET password_hash = :password_hash, must_change = false, word_until = NULL WHERE person = :person;

-- name: spend_code!
UPDATE person SET totp_last = :step WHERE person = :person AND totp_last < :step;

-- name: keep_new_totp!
UPDATE person SET totp_new = :secret WHERE person = :person;

-- name: take_new_totp!
UPDATE person SET totp_secret = totp_new, totp_new = NULL, totp_last = :step WHERE person = :person;

-- name: status_on$
SELECT status FROM party_status WHERE party = :party AND effective_on <= :day ORDER BY n DESC LIMIT 1;

-- name: last_status^
SELECT * FROM party_status WHERE party = :party ORDER BY n DESC LIMIT 1;

-- name: add_decision!
INSERT INTO decision (decision, party, act, about, concerns, asked, maker, made_at, due_at)
VALUES (:decision, :party, :act, :about, :concerns, :asked, :maker, :at, :due_at);

-- name: lock_decision^
SELECT * FROM decision WHERE decision = :decision FOR UPDATE;

-- name: close_decision!
UPDATE decision SET outcome = :outcome, reason = :reason, decided_by = :decided_by, decided_at = :at
WHERE decision = :decision;

-- name: open_decision_about$
SELECT decision FROM decision WHERE act = :act AND about = :about AND outcome IS NULL;

-- name: decisions_of
-- Of one party, or of all for the operator: those that are open, the most urgent first, or the newest that were decided.
SELECT d.*, coalesce(n.name, '') AS maker_name, coalesce(y.name, '') AS concerns_name
FROM decision d
LEFT JOIN person_name n ON n.person = d.maker
LEFT JOIN party y ON y.party = d.concerns
WHERE (d.party = :party OR :everybody::boolean) AND (d.outcome IS NOT NULL) = :decided::boolean
ORDER BY d.decided_at DESC NULLS FIRST, d.due_at NULLS LAST, d.made_at, d.decision
LIMIT 2000;

-- name: take_login$
INSERT INTO login (login, person) VALUES (:login, :person) ON CONFLICT (login) DO NOTHING RETURNING person;

-- name: add_person!
INSERT INTO person (person, party, roles, login, password_hash, word_until, made_at, made_by, word_at, word_by)
VALUES (:person, :party, :roles, :login, :password_hash, :word_until, :at, :made_by, :at, :made_by);

-- name: put_person_name!
INSERT INTO person_name (person, name, contact) VALUES (:person, :name, :contact)
ON CONFLICT (person) DO UPDATE SET name = excluded.name, contact = excluded.contact;

-- name: set_roles!
UPDATE person SET roles = :roles WHERE person = :person;

-- name: reset_person!
UPDATE person SET password_hash = :password_hash, word_until = :word_until, must_change = true, totp_secret = NULL,
    totp_new = NULL, failures = 0, failures_forgotten = 0, locked_until = NULL, word_by = :by, word_at = :at
WHERE person = :person;

-- name: person_left!
UPDATE person SET left_at = :at, password_hash = NULL, totp_secret = NULL, totp_new = NULL WHERE person = :person;

-- name: count_officers$
SELECT count(*) FROM person WHERE party = :party AND left_at IS NULL AND 'officer' = ANY(roles);

-- name: has_officer$
-- Over all parties: asked about one that is not the asker's yet, too.
SELECT fence_has_officer(:party);

-- name: count_deciders$
-- Who may set or decide something in an association; the operator's officers do neither.
SELECT count(*) FROM person WHERE party = :party AND left_at IS NULL AND roles && ARRAY['officer', 'approver'];

-- name: end_four_eyes_off!
UPDATE party_setting SET value = 'on', at = :at, person = :person
WHERE party = :party AND key = 'four_eyes' AND value = 'off';

-- name: people_of
SELECT p.person, p.party, y.name AS party_name, p.login, coalesce(n.name, '') AS name,
    coalesce(n.contact, '') AS contact, p.roles, p.totp_secret IS NOT NULL AS totp, p.must_change, p.made_at, p.left_at,
    (SELECT max(s.seen_at) FROM person_session s WHERE s.person = p.person) AS seen_at, p.left_at IS NULL AS here
FROM person p
JOIN party y ON y.party = p.party
LEFT JOIN person_name n ON n.person = p.person
WHERE p.party = :party OR :everybody::boolean
ORDER BY y.name, p.left_at NULLS FIRST, p.login;

-- name: party_row^
SELECT * FROM party WHERE party = :party;

-- name: add_party!
INSERT INTO party (party, kind, name, short_name, address, contact, sandbox, made_at, made_by)
VALUES (:party, :kind, :name, :short_name, :address, :contact, :sandbox, :at, :made_by);

-- name: set_particulars!
UPDATE party SET name = :name, short_name = :short_name, address = :address, contact = :contact WHERE party = :party;

-- name: add_status!
INSERT INTO party_status (party, n, status, reason, evidence, effective_on, provisional, at, person, by_party)
VALUES (:party, :n, :status, :reason, :evidence, :effective_on, :provisional, :at, :person, :by_party);

-- name: lock_last_status$
-- The party's row stays locked: events follow each other.
SELECT (SELECT max(n) FROM party_status s WHERE s.party = y.party) FROM party y WHERE y.party = :party FOR UPDATE;

-- name: status_before$
SELECT status FROM party_status WHERE party = :party AND n < :n ORDER BY n DESC LIMIT 1;

-- name: status_event^
SELECT * FROM party_status WHERE party = :party AND n = :n;

-- name: status_history
SELECT s.*, coalesce(y.name, '') AS by_name,
    (SELECT coalesce(json_agg(to_json(a) ORDER BY a.said_at), '[]')::text
     FROM appeal a WHERE a.party = s.party AND a.n = s.n) AS appeals
FROM party_status s
LEFT JOIN party y ON y.party = s.by_party
WHERE s.party = :party ORDER BY s.n DESC;

-- name: party_code_of$
SELECT code FROM party_code WHERE party = :party;

-- name: mint_party_code!
INSERT INTO party_code (code, party) VALUES (:code, :party) ON CONFLICT (code) DO NOTHING;

-- name: add_member$
-- Again, where it ended.
INSERT INTO membership (association, party, since, made_by) VALUES (:association, :party, :at, :person)
ON CONFLICT (association, party) DO UPDATE SET since = :at, ended_at = NULL, made_by = :person
WHERE membership.ended_at IS NOT NULL
RETURNING party;

-- name: is_claimed$
SELECT fence_claimed(:party);

-- name: end_member$
UPDATE membership SET ended_at = :at WHERE association = :association AND party = :party AND ended_at IS NULL
RETURNING party;

-- name: joinings_of
-- What an association asked, and what a party was asked; the newest first.
SELECT d.decision, d.concerns AS association, coalesce(a.name, '') AS association_name, d.party,
    coalesce(y.name, '') AS party_name, d.asked, d.made_at, d.outcome, d.reason, d.decided_at
FROM decision d
LEFT JOIN party a ON a.party = d.concerns
LEFT JOIN party y ON y.party = d.party
WHERE d.act = 'join' AND (d.party = :party OR d.concerns = :party OR :kind = 'operator')
ORDER BY d.made_at DESC, d.decision LIMIT 2000;

-- name: vouch_for_agents!
UPDATE agent SET association = :association WHERE owner = :party AND association = '';

-- name: add_end!
INSERT INTO membership_end (association, party, asked_at, ends_on, reason, person, by_party)
VALUES (:association, :party, :at, :ends_on, :reason, :person, :by_party);

-- name: open_end^
SELECT * FROM membership_end WHERE association = :association AND party = :party AND done_at IS NULL
    AND taken_back_at IS NULL
ORDER BY asked_at LIMIT 1 FOR UPDATE;

-- name: take_back_end$
UPDATE membership_end SET taken_back_at = :at, taken_back_by = :person
WHERE association = :association AND party = :party AND by_party = :own AND done_at IS NULL AND taken_back_at IS NULL
RETURNING ends_on;

-- name: finish_end!
UPDATE membership_end SET done_at = :at WHERE association = :association AND party = :party AND done_at IS NULL
    AND taken_back_at IS NULL;

-- name: ends_due
SELECT e.association, e.party, e.person, e.by_party, y.kind FROM membership_end e JOIN party y ON y.party = e.by_party
WHERE e.done_at IS NULL AND e.taken_back_at IS NULL AND e.ends_on <= :day ORDER BY e.asked_at;

-- name: ends_of
-- Of the memberships of one party, or of one association's; the newest first.
SELECT e.*, coalesce(a.name, '') AS association_name, coalesce(y.name, '') AS party_name
FROM membership_end e
LEFT JOIN party a ON a.party = e.association
LEFT JOIN party y ON y.party = e.party
WHERE e.party = :party OR e.association = :party OR :kind = 'operator'
ORDER BY e.asked_at DESC LIMIT 2000;

-- name: is_member$
SELECT true FROM membership WHERE association = :association AND party = :party AND ended_at IS NULL;

-- name: associations_of
SELECT m.association, y.name, m.since FROM membership m JOIN party y ON y.party = m.association
WHERE m.party = :party AND m.ended_at IS NULL ORDER BY m.since;

-- name: parties_of
SELECT y.*, coalesce(c.code, '') AS code, coalesce(s.status, 'candidate') AS status,
    coalesce(s.provisional, false) AS provisional, s.effective_on AS status_since, coalesce(s.reason, '') AS reason,
    (SELECT count(*) FROM person p WHERE p.party = y.party AND p.left_at IS NULL) AS people
FROM party y
LEFT JOIN party_code c ON c.party = y.party
LEFT JOIN LATERAL (
    SELECT * FROM party_status e WHERE e.party = y.party AND e.effective_on <= :day ORDER BY e.n DESC LIMIT 1
) s ON true
WHERE :kind = 'operator' OR y.party = :party OR EXISTS (
    SELECT 1 FROM membership m WHERE m.association = :party AND m.party = y.party AND m.ended_at IS NULL)
ORDER BY y.kind, y.name, y.party;

-- name: firms_looked_at
-- Whose goods somebody may look at, by name: of an inspector and a lab the members of their associations.
SELECT y.party, y.name FROM firms_seen(:party, :kind, false) s JOIN party y ON y.party = s.firm
WHERE y.kind = 'firm' AND y.party <> 'unassigned' ORDER BY y.name, y.party;

-- name: setting$
SELECT value FROM party_setting WHERE party = :party AND key = :key;

-- name: off_since$
SELECT at FROM party_setting WHERE party = :party AND key = 'four_eyes' AND value = 'off';

-- name: lock_party$
-- Whoever adds, takes away or counts those who decide waits for the others that do.
SELECT party FROM party WHERE party = :party FOR UPDATE;

-- name: put_setting!
INSERT INTO party_setting (party, key, value, at, person) VALUES (:party, :key, :value, :at, :person)
ON CONFLICT (party, key) DO UPDATE SET value = excluded.value, at = excluded.at, person = excluded.person;

-- name: add_appeal!
INSERT INTO appeal (party, n, said, said_at, person) VALUES (:party, :n, :said, :at, :person);

-- name: answer_appeal!
UPDATE appeal SET answer = :answer, answered_at = :at, answered_by = :person
WHERE party = :party AND n = :n AND said_at = :said_at;

-- name: put_meta_first$
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING RETURNING key;

-- name: officer_for_glass^
-- The one who has that login; without one the operator's first.
SELECT p.person, p.login FROM person p JOIN party y ON y.party = p.party
WHERE p.left_at IS NULL AND 'officer' = ANY(p.roles) AND (p.login = :login OR (:login = '' AND y.kind = 'operator'))
ORDER BY p.made_at, p.person LIMIT 1;

-- name: audit_rows
-- The newest first. Whose: the operator's see all, an association's those of its members too.
SELECT a.n, a.at, a.person, coalesce(p.name, '') AS name, a.party, coalesce(y.name, '') AS party_name, a.how, a.act,
    a.about, a.concerns, a.detail, a.four_eyes
FROM audit a
LEFT JOIN person_name p ON p.person = a.person
LEFT JOIN party y ON y.party = a.party
WHERE (:kind = 'operator' OR a.party = :own OR a.concerns = :own OR (:kind = 'association' AND a.concerns IN (
        SELECT m.party FROM membership m WHERE m.association = :own AND m.ended_at IS NULL)))
    AND (:person = '' OR a.person = :person) AND (:party = '' OR a.party = :party)
    AND (:concerns = '' OR a.concerns = :concerns) AND (:act = '' OR a.act = :act) AND (:about = '' OR a.about = :about)
    AND (:four_eyes = '' OR a.four_eyes = :four_eyes)
    AND (:since::date IS NULL OR a.at AT TIME ZONE 'UTC' + interval '8 hours' >= :since::date)
    AND (:until::date IS NULL OR a.at AT TIME ZONE 'UTC' + interval '8 hours' < :until::date + 1)
    AND (:search = '%%' OR a.about LIKE :search OR a.detail LIKE :search OR a.concerns LIKE :search OR p.name LIKE :search)
ORDER BY a.n DESC LIMIT :most OFFSET :skipped;

-- name: count_audit$
SELECT count(*)
FROM audit a
LEFT JOIN person_name p ON p.person = a.person
WHERE (:kind = 'operator' OR a.party = :own OR a.concerns = :own OR (:kind = 'association' AND a.concerns IN (
        SELECT m.party FROM membership m WHERE m.association = :own AND m.ended_at IS NULL)))
    AND (:person = '' OR a.person = :person) AND (:party = '' OR a.party = :party)
    AND (:concerns = '' OR a.concerns = :concerns) AND (:act = '' OR a.act = :act) AND (:about = '' OR a.about = :about)
    AND (:four_eyes = '' OR a.four_eyes = :four_eyes)
    AND (:since::date IS NULL OR a.at AT TIME ZONE 'UTC' + interval '8 hours' >= :since::date)
    AND (:until::date IS NULL OR a.at AT TIME ZONE 'UTC' + interval '8 hours' < :until::date + 1)
    AND (:search = '%%' OR a.about LIKE :search OR a.detail LIKE :search OR a.concerns LIKE :search OR p.name LIKE :search);

-- name: audit_walk^
-- `own`: how many of the rows the asker's association reads, as in audit_rows.
SELECT w.links, coalesce(w.last, decode(repeat('00', 32), 'hex')) AS last, w.flaw,
    (SELECT count(*) FROM audit a WHERE a.party = :own OR a.concerns = :own OR a.concerns IN (
        SELECT m.party FROM membership m WHERE m.association = :own AND m.ended_at IS NULL)) AS own,
    (SELECT value FROM meta WHERE key = 'audit') AS kept
FROM fence_audit_walk() w;

-- name: audit_chain
SELECT * FROM audit WHERE n > :after ORDER BY n LIMIT :most;

-- name: firm_of_key$
SELECT firm FROM quota_key WHERE quota_key = :quota_key;

-- name: owner_of_agent$
SELECT owner FROM agent WHERE agent = :agent;
