-- Addresses that are told of stops and alarms. `secret` signs what is sent, so it is kept as it is: a hash signs nothing.
-- `since_n`: the feed's number when it was added; of what was over by then nothing is told.
CREATE TABLE webhook (
    webhook  TEXT        PRIMARY KEY,
    party    TEXT        NOT NULL,
    url      TEXT        NOT NULL,
    secret   TEXT        NOT NULL,
    since_n  BIGINT      NOT NULL,
    made_at  TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    person   TEXT        NOT NULL
);
CREATE INDEX webhook_by_party ON webhook (party);

-- What is told to one address, and what came of it. `cause` makes one thing one message; within a `line`, a lot's or an
-- agent's, the next waits until the one before arrived or was given up.
CREATE TABLE webhook_message (
    message     TEXT        PRIMARY KEY,
    n           BIGINT      GENERATED ALWAYS AS IDENTITY,
    webhook     TEXT        NOT NULL,
    cause       TEXT        NOT NULL,
    line        TEXT        NOT NULL,
    kind        TEXT        NOT NULL,
    body        TEXT        NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL,
    next_at     TIMESTAMPTZ NOT NULL,
    tries       INT         NOT NULL DEFAULT 0,
    answer      TEXT        NOT NULL DEFAULT '',
    tried_at    TIMESTAMPTZ,
    done_at     TIMESTAMPTZ,
    given_up_at TIMESTAMPTZ,
    UNIQUE (webhook, cause)
);
CREATE INDEX webhook_message_due ON webhook_message (webhook, line, n) WHERE done_at IS NULL AND given_up_at IS NULL;
