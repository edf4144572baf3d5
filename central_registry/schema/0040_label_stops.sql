-- Labels that are stopped one by one, where their neighbours in the lot are not: what was chosen, why, and how it stands.
-- `state`: 'provisional' (one person's word, which works already), 'standing', 'lifted'.
CREATE TABLE label_stop (
    stop         TEXT        PRIMARY KEY,
    firm         TEXT        NOT NULL,
    kind         TEXT        NOT NULL,
    chosen       TEXT        NOT NULL,
    reason       TEXT        NOT NULL,
    labels       BIGINT      NOT NULL,
    state        TEXT        NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL,
    made_by      TEXT        NOT NULL,
    decided_at   TIMESTAMPTZ,
    closed_at    TIMESTAMPTZ,
    closed_by    TEXT        NOT NULL DEFAULT '',
    report       TEXT        NOT NULL DEFAULT ''
);
CREATE INDEX label_stop_by_firm ON label_stop (firm, made_at);

-- The labels of a stop, written down when it was said: a scan looks one up by its serial, and never asks what was chosen.
CREATE TABLE stopped_label (
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    stop   TEXT NOT NULL,
    PRIMARY KEY (issuer, serial, stop)
);
CREATE INDEX stopped_label_by_stop ON stopped_label (stop, serial);
