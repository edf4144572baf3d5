-- Rolls that a firm without a printer takes from its association: which labels of which windows lie on one, from the nth to
-- the nth of the window's serials, counted from 1. A label lies on one roll at most, for good.
CREATE TABLE roll_part (
    draw    BYTEA NOT NULL,
    first_n INT   NOT NULL,
    last_n  INT   NOT NULL,
    roll    TEXT  NOT NULL,
    PRIMARY KEY (draw, first_n)
);
CREATE INDEX roll_part_by_roll ON roll_part (roll, draw);

-- Of the labels that agents told of as printed: so many were commissioned from a roll, which no agent hears of.
ALTER TABLE label_sum ADD COLUMN by_roll BIGINT NOT NULL DEFAULT 0;
