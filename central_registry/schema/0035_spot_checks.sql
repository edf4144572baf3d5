-- Lots that are looked at by surprise: planned, pieces drawn by their serials, a result that is bound to both.

-- `state`: planned, passed, failed. `said`: what the result rests on; '' while planned.
CREATE TABLE spot_check (
    spot      TEXT        PRIMARY KEY,
    firm      TEXT        NOT NULL,
    lot_no    TEXT        NOT NULL,
    style_no  TEXT        NOT NULL,
    pieces    INT         NOT NULL,
    state     TEXT        NOT NULL,
    said      TEXT        NOT NULL DEFAULT '',
    made_at   TIMESTAMPTZ NOT NULL,
    person    TEXT        NOT NULL,
    by_party  TEXT        NOT NULL,
    closed_at TIMESTAMPTZ,
    closed_by TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX spot_check_by_lot ON spot_check (firm, lot_no);
CREATE INDEX spot_check_planned ON spot_check (firm, lot_no) WHERE closed_at IS NULL;

CREATE TABLE spot_sample (
    spot   TEXT        NOT NULL,
    serial TEXT        NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    person TEXT        NOT NULL,
    PRIMARY KEY (spot, serial)
);
