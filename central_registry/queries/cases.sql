-- Statements of central_registry/cases: complaints from the form beside the scan page to their deletion.

-- name: goods_of_serial^
-- Asked as `reader`, which sees what a scan page may say.
SELECT d.quota_key, coalesce(q.firm, 'unassigned') AS firm, coalesce(q.lot_no, '') AS lot_no,
    coalesce(q.style_no, '') AS style_no
FROM serial s JOIN drawing d ON d.draw = s.draw LEFT JOIN quota_key q ON q.quota_key = d.quota_key
WHERE s.issuer = left(:serial, 3) AND s.serial = :serial;

-- name: photo_bytes$
SELECT coalesce(sum(octet_length(body)), 0)::bigint FROM complaint_photo;

-- name: add_complaint!
INSERT INTO complaint (complaint, word_hash, serial, quota_key, firm, lot_no, style_no, about, words, bought, photos,
    state, made_at, due_at, delete_on)
VALUES (:complaint, :word_hash, :serial, :quota_key, :firm, :lot_no, :style_no, :about, :words, :bought, :photos,
    :state, :made_at, :due_at, :delete_on);

-- name: add_complaint_contact!
INSERT INTO complaint_contact (complaint, contact) VALUES (:complaint, :contact);

-- name: add_complaint_photo!
INSERT INTO complaint_photo (complaint, n, file_hash, body) VALUES (:complaint, :n, :file_hash, :body);

-- name: complaint_locked^
SELECT * FROM complaint WHERE complaint = :complaint FOR UPDATE;

-- name: complaint_of_word^
SELECT * FROM complaint WHERE complaint = :complaint AND word_hash = :word_hash AND deleted_at IS NULL;

-- name: move_complaint!
UPDATE complaint SET state = :state, due_at = :due_at, taken_by = :taken_by, firm_asked = :firm_asked,
    answered_by = :answered_by, closed_at = :closed_at, delete_on = :delete_on
WHERE complaint = :complaint;

-- name: add_complaint_step!
INSERT INTO complaint_step (complaint, n, step, said, at, person, by_party)
SELECT :complaint, coalesce(max(s.n), 0) + 1, :step, :said, :at, :person, :by_party
FROM complaint_step s WHERE s.complaint = :complaint;

-- name: complaint_steps
SELECT s.n, s.step, s.said, s.at, s.by_party, coalesce(n.name, '') AS who, coalesce(p.name, '') AS party_name
FROM complaint_step s LEFT JOIN person_name n ON n.person = s.person LEFT JOIN party p ON p.party = s.by_party
WHERE s.complaint = :complaint ORDER BY s.n;

-- name: complaint_contact_of$
SELECT contact FROM complaint_contact WHERE complaint = :complaint;

-- name: complaint_photo_of$
SELECT body FROM complaint_photo WHERE complaint = :complaint AND n = :n;

-- name: complaints_seen
-- Of firms that are the party's to look after; a firm sees those about which it was asked.
SELECT c.complaint, c.serial, c.quota_key, c.firm, coalesce(p.name, c.firm) AS firm_name, c.lot_no, c.style_no, c.about,
    c.words, c.bought, c.photos, c.state, c.made_at, c.due_at, coalesce(c.due_at < :at, false) AS late,
    coalesce(n.name, '') AS taken_by, c.firm_asked, c.closed_at, c.delete_on, c.deleted_at, count(*) OVER () AS total
FROM complaint c LEFT JOIN party p ON p.party = c.firm LEFT JOIN person_name n ON n.person = c.taken_by
WHERE (:complaint = '' OR c.complaint = :complaint) AND (:state = '' OR c.state = :state)
    AND (:about = '' OR c.about = :about) AND (:firm = '' OR c.firm = :firm)
    AND (NOT :open::boolean OR c.state <> 'closed')
    AND (:kind IN ('operator', 'association', 'inspector') OR :kind = 'firm' AND c.firm_asked)
    AND EXISTS (SELECT FROM firms_seen(:party, :kind, false) s WHERE s.firm = c.firm)
    AND (c.complaint || ' ' || c.serial || ' ' || coalesce(p.name, '') || ' ' || c.lot_no || ' ' || c.style_no || ' ' ||
        c.words) ILIKE :like
ORDER BY c.closed_at IS NOT NULL, c.due_at, c.made_at DESC, c.complaint LIMIT :rows OFFSET :skipped;

-- name: firms_seen_by
SELECT s.firm FROM firms_seen(:party, :kind, false) s WHERE :kind IN ('operator', 'association', 'inspector', 'firm');

-- name: complaints_to_delete
SELECT complaint FROM complaint WHERE deleted_at IS NULL AND delete_on <= :today ORDER BY complaint FOR UPDATE;

-- name: delete_complaint_contacts!
DELETE FROM complaint_contact WHERE complaint = ANY(:complaints::text[]);

-- name: delete_complaint_photos!
DELETE FROM complaint_photo WHERE complaint = ANY(:complaints::text[]);

-- name: delete_complaint_words!
UPDATE complaint_step SET said = '' WHERE complaint = ANY(:complaints::text[]);

-- name: empty_complaints!
UPDATE complaint SET word_hash = '', words = '', bought = '', photos = 0, deleted_at = :at
WHERE complaint = ANY(:complaints::text[]);
