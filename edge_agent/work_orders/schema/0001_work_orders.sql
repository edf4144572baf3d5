-- The book of work orders. What was printed stands in the ledger; here is what was wanted, and what was given out.

CREATE TABLE file (
    file_id   TEXT PRIMARY KEY,
    source    TEXT NOT NULL,
    name      TEXT NOT NULL,
    taken_at  TEXT NOT NULL,
    answer    TEXT NOT NULL               -- JSON, as it is written beside the file
) STRICT;

CREATE TABLE work_order (
    order_id  TEXT PRIMARY KEY,           -- made of source, order_no and line
    source    TEXT NOT NULL,
    order_no  TEXT NOT NULL,
    line      TEXT NOT NULL,
    style_no  TEXT NOT NULL,
    size      TEXT NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    lot_no    TEXT,
    template  TEXT NOT NULL,
    printer   TEXT,
    wanted_by TEXT NOT NULL,
    remark    TEXT NOT NULL,
    taken_at  TEXT NOT NULL,
    taken_on  TEXT NOT NULL,              -- local day, for the source's limit
    file      TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'closed')),
    closed_by TEXT NOT NULL DEFAULT '',
    reason    TEXT NOT NULL DEFAULT '',
    tried     INTEGER NOT NULL DEFAULT 0, -- 1: rules were asked, once, and what is left waits for a person
    note      TEXT NOT NULL DEFAULT '',
    UNIQUE (source, order_no, line)
) STRICT;
CREATE INDEX work_order_open ON work_order (wanted_by, taken_at) WHERE state = 'open';
CREATE INDEX work_order_day ON work_order (source, taken_on);
CREATE INDEX work_order_untried ON work_order (taken_at) WHERE tried = 0;

CREATE TABLE part (
    order_id  TEXT NOT NULL REFERENCES work_order (order_id),
    part      INTEGER NOT NULL CHECK (part > 0),
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    printer   TEXT NOT NULL,
    template  TEXT NOT NULL,
    operator  TEXT NOT NULL,
    rule      TEXT NOT NULL,              -- empty: a person ordered it
    body      TEXT NOT NULL,              -- what the job is ordered with, JSON; its key is held to it
    at        TEXT NOT NULL,
    day       TEXT NOT NULL,              -- local, for the rule's limit
    job_id    TEXT,                       -- null between the intent and the ledger's answer
    PRIMARY KEY (order_id, part)
) STRICT;
CREATE INDEX part_open ON part (order_id) WHERE job_id IS NULL;
CREATE INDEX part_job ON part (job_id);

CREATE TABLE rule (
    rule_id       TEXT PRIMARY KEY,
    source        TEXT NOT NULL,
    styles        TEXT NOT NULL,          -- JSON list; empty: every style
    quantity_most INTEGER NOT NULL,
    daily_most    INTEGER NOT NULL,
    printer       TEXT NOT NULL,
    until         TEXT NOT NULL,
    signed_by     TEXT NOT NULL,
    signed_known  TEXT NOT NULL,          -- how it was known who signed
    signed_at     TEXT NOT NULL,
    ended_by      TEXT NOT NULL DEFAULT '',
    ended_at      TEXT NOT NULL DEFAULT ''
) STRICT;
