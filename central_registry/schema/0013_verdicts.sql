-- Two verdicts of a label: of its code (what speaks against it) and of its facts (what its certificate says), each judged
-- once, when it was told. What is the same for all labels of a window stands with the window.

-- `against`: a sum of central_registry.ingest.verdict.Against that holds for all its labels, beside serial.verdict.
-- `facts`: central_registry.ingest.verdict.Facts; NULL: told before certificates were compared. `certificate`: the version
-- by which they were judged.
ALTER TABLE drawing
    ADD COLUMN against     SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN facts       SMALLINT,
    ADD COLUMN certificate BIGINT;

-- What was told after a loss was so for all labels of a window, and stood with each of them until here.
UPDATE drawing SET against = 4 WHERE draw IN (SELECT draw FROM serial WHERE verdict & 4 <> 0);
UPDATE serial SET verdict = verdict & ~4 WHERE verdict & 4 <> 0;

-- Windows that an agent first told of after it was revoked, and of which nobody has said yet what they are: 52 = lost,
-- copied or barred.
CREATE INDEX drawing_told_after ON drawing (agent) WHERE (against & 52) <> 0;

-- When an incarnation last spoke, and from where; `waits`: it began although another machine of its agent had just spoken,
-- and a person has not said yet which of the two goes on. What it tells is kept, off the line.
ALTER TABLE incarnation
    ADD COLUMN heard_at TIMESTAMPTZ,
    ADD COLUMN address  TEXT    NOT NULL DEFAULT '',
    ADD COLUMN waits    BOOLEAN NOT NULL DEFAULT false;

-- Whether somebody with the role it is there who could say so: of the agent's owner, of its association, of any association
-- if it has neither. Who takes in events meets no people, so this is asked as the owner.
CREATE FUNCTION may_tell_apart(who TEXT) RETURNS BOOLEAN
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM agent a JOIN person p ON p.left_at IS NULL AND 'it' = ANY(p.roles) JOIN party y ON y.party = p.party
        WHERE a.agent = who AND (p.party IN (a.owner, a.association)
            OR a.owner = 'unassigned' AND y.kind = 'association'))
$$;

-- The certificate of a key's lot as an agent was fed it last, as it told under this registry's seal. `facts` as in the feed.
CREATE TABLE held_certificate (
    agent     TEXT    NOT NULL,
    quota_key TEXT    NOT NULL,
    version   BIGINT  NOT NULL,
    withdrawn BOOLEAN NOT NULL,
    facts     TEXT    NOT NULL,
    PRIMARY KEY (agent, quota_key)
);

-- What a person decided of a window that was told after its agent was revoked; the latest stands.
CREATE TABLE told_decision (
    draw     BYTEA       NOT NULL,
    n        BIGINT      NOT NULL,
    agent    TEXT        NOT NULL,
    admitted BOOLEAN     NOT NULL,
    reason   TEXT        NOT NULL,
    at       TIMESTAMPTZ NOT NULL,
    person   TEXT        NOT NULL,
    PRIMARY KEY (draw, n)
);
