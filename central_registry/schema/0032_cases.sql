-- What consumers complain of. Nothing here refers to a person of ours but by a random id; a complainant is nobody: `contact`
-- stands apart, for those who answer, and goes with all words 24 months after the closing (`delete_on`).

-- `number`: said on the telephone; `word_hash`: of the word by which the complainant reads on, '' once all is deleted.
-- `firm` is 'unassigned' for a serial that nobody told of.
CREATE TABLE complaint (
    complaint    TEXT        PRIMARY KEY,
    word_hash    BYTEA       NOT NULL,
    serial       TEXT        NOT NULL,
    quota_key    TEXT        NOT NULL,
    firm         TEXT        NOT NULL,
    lot_no       TEXT        NOT NULL,
    style_no     TEXT        NOT NULL,
    about        TEXT        NOT NULL,
    words        TEXT        NOT NULL,
    bought       TEXT        NOT NULL,
    photos       INT         NOT NULL,
    state        TEXT        NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL,
    due_at       TIMESTAMPTZ,
    taken_by     TEXT        NOT NULL DEFAULT '',
    firm_asked   BOOLEAN     NOT NULL DEFAULT false,
    answered_by  TEXT        NOT NULL DEFAULT '',
    closed_at    TIMESTAMPTZ,
    delete_on    DATE,
    deleted_at   TIMESTAMPTZ
);
CREATE INDEX complaint_by_firm ON complaint (firm, made_at);
CREATE INDEX complaint_to_delete ON complaint (delete_on) WHERE deleted_at IS NULL;

CREATE TABLE complaint_contact (
    complaint TEXT PRIMARY KEY,
    contact   TEXT NOT NULL
);

-- As they were drawn anew. Not among `kept_file`, whose rows stay: these go with their case.
CREATE TABLE complaint_photo (
    complaint TEXT  NOT NULL,
    n         INT   NOT NULL,
    file_hash TEXT  NOT NULL,
    body      BYTEA NOT NULL,
    PRIMARY KEY (complaint, n)
);

-- What was done and said, in order; `person` is '' for the complainant.
CREATE TABLE complaint_step (
    complaint TEXT        NOT NULL,
    n         INT         NOT NULL,
    step      TEXT        NOT NULL,
    said      TEXT        NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    person    TEXT        NOT NULL,
    by_party  TEXT        NOT NULL,
    PRIMARY KEY (complaint, n)
);
