-- Statements of central_registry/oversight/alarm_work.py and waiting.py: alarms as people work on them, what waits.

-- name: alarms_asked
-- Those of agents that the asker's party owns, vouches for or admitted the owner of; those of the registry itself for
-- associations and the operator. `state` follows from who has done what.
WITH seen AS (
    SELECT a.*, g.name AS agent_name, coalesce(g.owner, '') AS owner,
        coalesce(nullif(o.short_name, ''), o.name, '') AS owner_name, coalesce(t.name, '') AS taken_name,
        coalesce(c.name, '') AS closed_name,
        CASE WHEN a.closed_at IS NOT NULL THEN 'closed' WHEN a.answer <> '' THEN 'answered'
            WHEN a.taken_by IS NOT NULL THEN 'taken' ELSE 'open' END AS state
    FROM alarm a
    LEFT JOIN agent g ON g.agent = a.agent
    LEFT JOIN party o ON o.party = coalesce(g.owner, nullif(ltrim(a.agent, '@'), a.agent))
    LEFT JOIN person_name t ON t.person = a.taken_by
    LEFT JOIN person_name c ON c.person = a.closed_by
    WHERE :kind = 'operator' OR g.owner = :party OR a.agent = '@' || :party OR (:kind = 'association' AND (a.agent = '*' OR g.association = :party
        OR EXISTS (SELECT FROM membership m WHERE m.association = :party AND m.party = g.owner AND m.ended_at IS NULL)))
)
SELECT s.*, count(*) OVER () AS total FROM seen s
WHERE (:state = '' OR s.state = :state OR (:state = 'standing' AND s.state <> 'closed'))
    AND (:alarm_kind = '' OR s.kind = :alarm_kind) AND (:agent = '' OR s.agent = :agent)
    AND (s.kind || ' ' || s.about || ' ' || s.detail || ' ' || coalesce(s.agent_name, '') || ' ' || s.owner_name
        || ' ' || s.answer ILIKE :like)
ORDER BY s.closed_at IS NOT NULL, CASE WHEN :sort = 'times' AND :descending THEN -s.times WHEN :sort = 'times' THEN s.times END,
    CASE WHEN :sort = 'first_at' AND NOT :descending THEN s.first_at END,
    CASE WHEN :sort = 'first_at' AND :descending THEN s.first_at END DESC,
    CASE WHEN :sort = 'last_at' AND NOT :descending THEN s.last_at END, s.last_at DESC, s.agent, s.id
LIMIT :rows OFFSET :skipped;

-- name: lock_alarm^
SELECT agent, id, kind, about, taken_by, taken_at, answer, closed_by, closed_at FROM alarm WHERE agent = :agent AND id = :id FOR UPDATE;

-- name: sees_alarm_of$
SELECT :kind = 'operator' OR (:kind = 'association' AND :agent = '*') OR :agent = '@' || :party OR EXISTS (SELECT FROM agent g WHERE g.agent = :agent
    AND (g.owner = :party OR (:kind = 'association' AND (g.association = :party OR EXISTS (SELECT FROM membership m
        WHERE m.association = :party AND m.party = g.owner AND m.ended_at IS NULL)))));

-- name: alarm_owner$
SELECT owner FROM agent WHERE agent = :agent;

-- name: work_on_alarm!
UPDATE alarm SET taken_by = :taken_by, taken_at = :taken_at, answer = :answer, closed_by = :closed_by, closed_at = :closed_at
WHERE agent = :agent AND id = :id;

-- name: silent_agents^
-- Agents in use that have not spoken since `since`, and since when the most silent one has not.
SELECT count(*) AS number, min(coalesce(g.seen_at, g.enrolled_at)) AS longest FROM agent g
WHERE g.enrolled_at IS NOT NULL AND g.lost_at IS NULL AND coalesce(g.seen_at, g.enrolled_at) < :since
    AND (:kind = 'operator' OR g.owner = :party OR (:kind = 'association' AND (g.association = :party
        OR EXISTS (SELECT FROM membership m WHERE m.association = :party AND m.party = g.owner AND m.ended_at IS NULL))));
