-- What speaks against calling a label registered, judged once, when it was told: a sum of central_registry.verdict.Against.
-- What was told before is judged only by what its own characters prove, an issuer that is not its agent's; nothing else
-- of it is proven, so its page stays as it was.
ALTER TABLE serial ADD COLUMN verdict SMALLINT NOT NULL DEFAULT 0;
UPDATE serial SET verdict = 1 FROM drawing d JOIN agent a ON a.agent = d.agent
WHERE d.draw = serial.draw AND left(serial.serial, 3) <> a.issuer;

-- Facts on the labels of this window that are not those of its lot, as JSON [[fact, on the label, of the lot], …].
ALTER TABLE drawing ADD COLUMN differs TEXT;

-- The most an agent could have under a quota key. `proven`: by a sealed feed that its own history holds; NULL if it holds
-- none. `allotted`: by what was fed from here. Neither ever falls: a window is judged by what was held when it was drawn.
CREATE TABLE entitlement (
    agent     TEXT   NOT NULL,
    quota_key TEXT   NOT NULL,
    proven    BIGINT,
    allotted  BIGINT NOT NULL,
    PRIMARY KEY (agent, quota_key)
);
INSERT INTO entitlement (agent, quota_key, proven, allotted)
SELECT agent, key, NULL, coalesce(quantity, 0) FROM feed_item WHERE kind = 'allotment';

-- The facts of a lot as an agent was fed them last, by the same proof; JSON {fact: value}.
CREATE TABLE held_lot (
    agent  TEXT NOT NULL,
    lot_no TEXT NOT NULL,
    facts  TEXT NOT NULL,
    PRIMARY KEY (agent, lot_no)
);

-- `told_lost`: labels first told since the agent was declared lost. `feeds_read`: whether the sealed feeds in what it told
-- before this table was there have been taken into the two tables above; that is done when it tells more.
ALTER TABLE agent ADD COLUMN told_lost BIGINT NOT NULL DEFAULT 0, ADD COLUMN feeds_read BOOLEAN NOT NULL DEFAULT false;
