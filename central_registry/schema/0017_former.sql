-- What an association brings from the platform it had before (docs/import-old-platform.md): firms, goods, certificates, and
-- the codes that hang in shops already. They are not of this registry's issuing: no event, no sum and no quota is made of
-- them, and nothing of it is ever called registered.

-- One import that was carried out. `import_id` is made of the file's SHA-256, the association and the moment.
CREATE TABLE former_import (
    import_id   BIGINT PRIMARY KEY,
    association TEXT        NOT NULL,
    platform    TEXT        NOT NULL,
    exported_on DATE        NOT NULL,
    sha256      TEXT        NOT NULL,
    lines       BIGINT      NOT NULL,
    told        TEXT        NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    person      TEXT        NOT NULL
);
CREATE INDEX former_import_by_association ON former_import (association, at);

-- A row as it was brought, word for word: the mark of what came from there, and what a second import is compared with.
-- `kind`: 'firm' (number ''), 'style', 'lot', 'certificate' (by its number there), 'label' (what stood on paper).
CREATE TABLE former_row (
    firm      TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    number    TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    import_id BIGINT NOT NULL,
    PRIMARY KEY (firm, kind, number)
);

-- A code of the former platform. `code` is the text on the label; `host` and `rest` are what it is found by: a link's host
-- in small letters and what stands behind it, escapes undone; of any other text '' and the text. State: 'issued', 'in_use',
-- 'void'.
CREATE TABLE former_serial (
    rest      TEXT   NOT NULL,
    host      TEXT   NOT NULL,
    code      TEXT   NOT NULL,
    firm      TEXT   NOT NULL,
    lot_no    TEXT   NOT NULL,
    style_no  TEXT   NOT NULL,
    label     TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    import_id BIGINT NOT NULL,
    PRIMARY KEY (rest, host)
);
CREATE INDEX former_serial_by_lot ON former_serial (firm, lot_no);
