-- What a shift is reported from: by the hour, which is thirteen characters of a moment, so that an entry costs a window
-- or a label twenty bytes at most. Expressions, and no columns: a search by the moment itself goes on walking windows.

CREATE INDEX window_hour ON "window" (substr(sent_at, 1, 13));

-- Only labels to which something happened alone; of all others the window says all.
CREATE INDEX label_hour ON label (substr(changed_at, 1, 13)) WHERE changed_at IS NOT NULL;

CREATE INDEX packed_hour ON packed (substr(packed_at, 1, 13));
