-- What a lost agent told of labels that it had told before the loss is never applied, so it is counted: by so much are
-- the sums of what was printed, scrapped or invalid not those of the factory. Never set back, since it stays withheld.
ALTER TABLE agent ADD COLUMN moves_withheld BIGINT NOT NULL DEFAULT 0;
