-- The platform: who is here, what is owned by whom, and how a code comes from an inspection (docs/flow.md, promises 5, 8
-- and 9). Laid out once for parties, goods and issuing; what comes after the label (place, notices, cases, suppliers) has
-- tables of its own beside these. The rules of 0001 hold: uniqueness is the primary key, ids are made by clients or are
-- hashes, no cross-table foreign keys. A column `firm`, `association` or `party` holds party.party.

-- Operator, associations, firms, labs, inspectors, marketplaces, suppliers. `party` is the 统一社会信用代码 (GB 32100), so
-- one firm under two names is one row; 'unassigned' holds what was here before firms were; 'SANDBOX…' are for trying.
CREATE TABLE party (
    party      TEXT PRIMARY KEY,
    kind       TEXT        NOT NULL,
    name       TEXT        NOT NULL,
    short_name TEXT        NOT NULL DEFAULT '',
    address    TEXT        NOT NULL DEFAULT '',
    contact    TEXT        NOT NULL DEFAULT '',
    sandbox    BOOLEAN     NOT NULL DEFAULT false,
    made_at    TIMESTAMPTZ NOT NULL,
    made_by    TEXT        NOT NULL
);

-- A firm's short name in quota keys, minted once and never reused.
CREATE TABLE party_code (
    code  TEXT PRIMARY KEY,
    party TEXT NOT NULL
);
CREATE INDEX party_code_by_party ON party_code (party);

-- Which association admitted whom; an association sees the rows of those it admitted.
CREATE TABLE membership (
    association TEXT        NOT NULL,
    party       TEXT        NOT NULL,
    since       TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    made_by     TEXT        NOT NULL,
    PRIMARY KEY (association, party)
);
CREATE INDEX membership_by_party ON membership (party);

-- A setting of one party, such as an association's four_eyes = 'off'.
CREATE TABLE party_setting (
    party TEXT        NOT NULL,
    key   TEXT        NOT NULL,
    value TEXT        NOT NULL,
    at    TIMESTAMPTZ NOT NULL,
    person TEXT       NOT NULL,
    PRIMARY KEY (party, key)
);

-- Status as events: candidate, active, honoured, watched, suspended, barred. The highest n whose `effective_on` has come
-- is the status of a day. `provisional`: one person's word that protects, until a second one confirms or lifts it.
CREATE TABLE party_status (
    party        TEXT        NOT NULL,
    n            BIGINT      NOT NULL,
    status       TEXT        NOT NULL,
    reason       TEXT        NOT NULL,
    evidence     TEXT        NOT NULL DEFAULT '',
    effective_on DATE        NOT NULL,
    provisional  BOOLEAN     NOT NULL DEFAULT false,
    at           TIMESTAMPTZ NOT NULL,
    person       TEXT        NOT NULL,
    by_party     TEXT        NOT NULL,
    PRIMARY KEY (party, n)
);

-- What a party says against an event of its status, and what was answered.
CREATE TABLE appeal (
    party       TEXT        NOT NULL,
    n           BIGINT      NOT NULL,
    said        TEXT        NOT NULL,
    said_at     TIMESTAMPTZ NOT NULL,
    person      TEXT        NOT NULL,
    answer      TEXT        NOT NULL DEFAULT '',
    answered_at TIMESTAMPTZ,
    answered_by TEXT,
    PRIMARY KEY (party, n, said_at)
);

-- A person belongs to one party. The id is random and means nothing; the name stands apart and can be emptied.
CREATE TABLE person (
    person        TEXT PRIMARY KEY,
    party         TEXT        NOT NULL,
    roles         TEXT[]      NOT NULL,
    login         TEXT        NOT NULL,
    password_hash TEXT,
    must_change   BOOLEAN     NOT NULL DEFAULT true,
    totp_secret   TEXT,
    totp_last     BIGINT      NOT NULL DEFAULT 0,
    failures      BIGINT      NOT NULL DEFAULT 0,
    locked_until  TIMESTAMPTZ,
    made_at       TIMESTAMPTZ NOT NULL,
    made_by       TEXT        NOT NULL,
    left_at       TIMESTAMPTZ
);
CREATE INDEX person_by_party ON person (party);

CREATE TABLE person_name (
    person  TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    contact TEXT NOT NULL DEFAULT ''
);

-- A login name is one person's for ever, over all parties.
CREATE TABLE login (
    login  TEXT PRIMARY KEY,
    person TEXT NOT NULL
);

-- `session` is the SHA-256 of 256 random bits. `how`: what was shown, 'password' or 'password+totp'.
CREATE TABLE person_session (
    session BYTEA PRIMARY KEY,
    person  TEXT        NOT NULL,
    how     TEXT        NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX person_session_by_person ON person_session (person);

-- Every act of a person, one chain over all: hash = SHA-256(previous hash ‖ canonical bytes of the row). Appended only.
-- `four_eyes`: 'kept', 'off' (one-officer association) or '' (an act of one person).
CREATE TABLE audit (
    n         BIGINT PRIMARY KEY,
    at        TIMESTAMPTZ NOT NULL,
    person    TEXT        NOT NULL,
    party     TEXT        NOT NULL,
    how       TEXT        NOT NULL,
    act       TEXT        NOT NULL,
    about     TEXT        NOT NULL,
    concerns  TEXT        NOT NULL DEFAULT '',
    detail    TEXT        NOT NULL,
    four_eyes TEXT        NOT NULL DEFAULT '',
    hash      BYTEA       NOT NULL
);
CREATE INDEX audit_by_party ON audit (party, n);
CREATE INDEX audit_by_concerns ON audit (concerns, n);

-- What waits for a second person: orders to approve, provisional acts to confirm. `party`: whose person may decide.
CREATE TABLE decision (
    decision   TEXT PRIMARY KEY,
    party      TEXT        NOT NULL,
    act        TEXT        NOT NULL,
    about      TEXT        NOT NULL,
    concerns   TEXT        NOT NULL DEFAULT '',
    asked      TEXT        NOT NULL,
    maker      TEXT        NOT NULL,
    made_at    TIMESTAMPTZ NOT NULL,
    due_at     TIMESTAMPTZ,
    outcome    TEXT,
    reason     TEXT        NOT NULL DEFAULT '',
    decided_by TEXT,
    decided_at TIMESTAMPTZ
);
CREATE INDEX decision_by_party ON decision (party, made_at);

-- Goods. Styles are (firm, style_no), lots (firm, lot_no); a GTIN is one firm's, one style's, one size's. `record` is the
-- garment record (docs/architecture.md, 7.1) as JSON; `source`: 'console', 'api', 'command', 'import', 'before_firms'.
CREATE TABLE style (
    firm       TEXT        NOT NULL,
    style_no   TEXT        NOT NULL,
    record     TEXT        NOT NULL,
    source     TEXT        NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    person     TEXT        NOT NULL,
    PRIMARY KEY (firm, style_no)
);

CREATE TABLE trade_item (
    gtin     TEXT PRIMARY KEY,
    firm     TEXT NOT NULL,
    style_no TEXT NOT NULL,
    size     TEXT NOT NULL DEFAULT '',
    colour   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX trade_item_by_style ON trade_item (firm, style_no);

CREATE TABLE lot (
    firm       TEXT        NOT NULL,
    lot_no     TEXT        NOT NULL,
    style_no   TEXT        NOT NULL,
    record     TEXT        NOT NULL,
    quantity   BIGINT,
    source     TEXT        NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    person     TEXT        NOT NULL,
    PRIMARY KEY (firm, lot_no)
);
CREATE INDEX lot_by_style ON lot (firm, style_no);

-- Pieces drawn from a lot for inspection.
CREATE TABLE sample (
    firm      TEXT        NOT NULL,
    sample_no TEXT        NOT NULL,
    lot_no    TEXT        NOT NULL,
    pieces    BIGINT      NOT NULL,
    drawn_on  DATE        NOT NULL,
    drawn_by  TEXT        NOT NULL,
    place     TEXT        NOT NULL DEFAULT '',
    lab       TEXT        NOT NULL DEFAULT '',
    at        TIMESTAMPTZ NOT NULL,
    person    TEXT        NOT NULL,
    PRIMARY KEY (firm, sample_no)
);

-- A lab's report stands behind one lot: the same number on another one is refused. `covers`: pieces. `lab` is a party, or
-- a name as printed on a report of a lab that is none here.
CREATE TABLE report (
    lab       TEXT        NOT NULL,
    report_no TEXT        NOT NULL,
    firm      TEXT        NOT NULL,
    lot_no    TEXT        NOT NULL,
    sample_no TEXT        NOT NULL DEFAULT '',
    covers    BIGINT,
    issued_on DATE        NOT NULL,
    filed_by  TEXT        NOT NULL,
    file_hash TEXT,
    at        TIMESTAMPTZ NOT NULL,
    person    TEXT        NOT NULL,
    PRIMARY KEY (lab, report_no)
);
CREATE INDEX report_by_lot ON report (firm, lot_no);

-- Files by their SHA-256, at most 10 MB each.
CREATE TABLE kept_file (
    file_hash  TEXT PRIMARY KEY,
    media_type TEXT        NOT NULL,
    name       TEXT        NOT NULL,
    body       BYTEA       NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    person     TEXT        NOT NULL
);

-- A certificate is a row of versions; none ever changes but in `state`: filed, approved, rejected, suspended, withdrawn,
-- superseded. `facts` is the part of a garment record that is certified, {product: {…}, lot: {…, grade: {…}}}: levels and
-- measured values where the record has them, so that label and certificate are compared by one table.
CREATE TABLE certificate (
    firm       TEXT        NOT NULL,
    lot_no     TEXT        NOT NULL,
    version    BIGINT      NOT NULL,
    scheme     TEXT        NOT NULL,
    facts      TEXT        NOT NULL,
    quantity   BIGINT      NOT NULL,
    valid_from DATE        NOT NULL,
    valid_to   DATE,
    lab        TEXT        NOT NULL,
    report_no  TEXT        NOT NULL,
    state      TEXT        NOT NULL,
    source     TEXT        NOT NULL,
    filed_at   TIMESTAMPTZ NOT NULL,
    filed_by   TEXT        NOT NULL,
    decided_at TIMESTAMPTZ,
    decided_by TEXT,
    sha256     TEXT        NOT NULL,
    PRIMARY KEY (firm, lot_no, version)
);

-- What became of a version, by whom and why.
CREATE TABLE certificate_move (
    firm        TEXT        NOT NULL,
    lot_no      TEXT        NOT NULL,
    version     BIGINT      NOT NULL,
    n           BIGINT      NOT NULL,
    state       TEXT        NOT NULL,
    reason      TEXT        NOT NULL,
    provisional BOOLEAN     NOT NULL DEFAULT false,
    at          TIMESTAMPTZ NOT NULL,
    person      TEXT        NOT NULL,
    PRIMARY KEY (firm, lot_no, version, n)
);

-- For kinds without a certificate the association's own limit per lot or style. `what`: 'lot' or 'style'.
CREATE TABLE issuing_limit (
    firm        TEXT        NOT NULL,
    what        TEXT        NOT NULL,
    number      TEXT        NOT NULL,
    quantity    BIGINT      NOT NULL,
    association TEXT        NOT NULL,
    reason      TEXT        NOT NULL DEFAULT '',
    at          TIMESTAMPTZ NOT NULL,
    person      TEXT        NOT NULL,
    PRIMARY KEY (firm, what, number)
);

-- Opaque names under which labels are counted. Those that were there keep their text; new ones hold the firm's code.
CREATE TABLE quota_key (
    quota_key TEXT PRIMARY KEY,
    firm      TEXT        NOT NULL,
    lot_no    TEXT,
    style_no  TEXT        NOT NULL DEFAULT '',
    gtins     TEXT[]      NOT NULL DEFAULT '{}',
    minted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX quota_key_by_firm ON quota_key (firm, lot_no);

-- Whose an agent is, who vouches for it, and for whom it prints.
ALTER TABLE agent
    ADD COLUMN owner       TEXT NOT NULL DEFAULT 'unassigned',
    ADD COLUMN association TEXT NOT NULL DEFAULT '',
    ADD COLUMN can         TEXT NOT NULL DEFAULT '',
    ADD COLUMN version     TEXT NOT NULL DEFAULT '';

CREATE TABLE agent_firm (
    agent    TEXT        NOT NULL,
    firm     TEXT        NOT NULL,
    since    TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (agent, firm)
);
CREATE INDEX agent_firm_by_firm ON agent_firm (firm);

-- A firm asks for codes. State: asked, approved, rejected, taken_back. Passed checks alone never approve.
CREATE TABLE code_order (
    code_order  TEXT PRIMARY KEY,
    firm        TEXT        NOT NULL,
    association TEXT        NOT NULL,
    agent       TEXT        NOT NULL,
    lot_no      TEXT,
    style_no    TEXT        NOT NULL,
    quantity    BIGINT      NOT NULL,
    note        TEXT        NOT NULL DEFAULT '',
    state       TEXT        NOT NULL,
    asked_by    TEXT        NOT NULL,
    asked_at    TIMESTAMPTZ NOT NULL,
    decided_by  TEXT,
    decided_at  TIMESTAMPTZ,
    reason      TEXT        NOT NULL DEFAULT '',
    override    TEXT        NOT NULL DEFAULT '',
    quota_key   TEXT
);
CREATE INDEX code_order_by_firm ON code_order (firm, asked_at);
CREATE INDEX code_order_by_association ON code_order (association, state, asked_at);

-- The checks of an order with their answers, kept; `moment`: 'asked' or 'approved'.
CREATE TABLE code_order_check (
    code_order TEXT        NOT NULL,
    moment     TEXT        NOT NULL,
    rule       TEXT        NOT NULL,
    passed     BOOLEAN     NOT NULL,
    expected   TEXT        NOT NULL,
    got        TEXT        NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (code_order, moment, rule)
);

-- Until when an agent may draw under a key; no row: no lease, as before there were any. `closed_*`: by the agent's own
-- lease_closed; `written_off_*`: by an approver, of a silent agent.
CREATE TABLE lease (
    agent          TEXT        NOT NULL,
    quota_key      TEXT        NOT NULL,
    until          TIMESTAMPTZ NOT NULL,
    days           BIGINT      NOT NULL,
    given_at       TIMESTAMPTZ NOT NULL,
    closed_at      TIMESTAMPTZ,
    written_off_at TIMESTAMPTZ,
    PRIMARY KEY (agent, quota_key)
);

-- Every change of how much an agent may have under a key: by an order, an override, a write-off, a lease closed.
CREATE TABLE allotment_move (
    agent      TEXT        NOT NULL,
    quota_key  TEXT        NOT NULL,
    n          BIGINT      NOT NULL,
    quantity   BIGINT      NOT NULL,
    delta      BIGINT      NOT NULL,
    why        TEXT        NOT NULL,
    code_order TEXT,
    reason     TEXT        NOT NULL DEFAULT '',
    at         TIMESTAMPTZ NOT NULL,
    person     TEXT        NOT NULL,
    PRIMARY KEY (agent, quota_key, n)
);

-- A roll printed by an association's agent for a firm without one: a stretch in the order of printing.
CREATE TABLE roll (
    roll         TEXT PRIMARY KEY,
    agent        TEXT        NOT NULL,
    firm         TEXT        NOT NULL,
    association  TEXT        NOT NULL,
    quota_key    TEXT        NOT NULL,
    first_serial TEXT        NOT NULL,
    last_serial  TEXT        NOT NULL,
    labels       BIGINT      NOT NULL,
    state        TEXT        NOT NULL,
    handed_at    TIMESTAMPTZ NOT NULL,
    person       TEXT        NOT NULL,
    closed_at    TIMESTAMPTZ
);
CREATE INDEX roll_by_firm ON roll (firm, handed_at);

-- A label of a roll: 'commissioned' on its garment, 'returned', 'lost'. No row: still on the roll.
CREATE TABLE roll_label (
    serial TEXT PRIMARY KEY,
    roll   TEXT        NOT NULL,
    became TEXT        NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    person TEXT        NOT NULL
);
CREATE INDEX roll_label_by_roll ON roll_label (roll);

-- Alarms are taken, answered and closed by people.
ALTER TABLE alarm
    ADD COLUMN taken_by  TEXT,
    ADD COLUMN taken_at  TIMESTAMPTZ,
    ADD COLUMN answer    TEXT NOT NULL DEFAULT '',
    ADD COLUMN closed_by TEXT;

-- What was here before firms: one firm holds it, to be split by hand.
INSERT INTO party (party, kind, name, made_at, made_by) VALUES ('unassigned', 'firm', '未分配企业', now(), 'migration');
INSERT INTO party_status (party, n, status, reason, effective_on, at, person, by_party)
VALUES ('unassigned', 1, 'active', 'before firms', CURRENT_DATE, now(), 'migration', 'unassigned');
