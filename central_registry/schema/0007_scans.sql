-- What a scan asks beside the label's own row, each by an index. Both tables are small beside `serial`; building the
-- indexes keeps their writers waiting for as long as it takes.

-- Whether a serial was claimed twice.
CREATE INDEX conflict_by_serial ON conflict (serial);

-- A product by its GTIN, as a GTIN's own link asks. `body` is JSON as the registry itself wrote it, and a text within it
-- that looks like this has its quotes escaped; a cast to jsonb would refuse some texts that JSON allows.
CREATE INDEX feed_item_by_gtin ON feed_item (lpad(substring(body FROM '"gtin": "([0-9]{8,14})"'), 14, '0'))
WHERE kind IN ('style', 'lot');

-- From here on scan.last_at is when the serial was last *counted*: a look-up within ten minutes of that counts no more.
