-- What events and windows are found by. Nothing is stored twice: a column that is computed, and two indexes.

-- What an event is about: its serial, else its window, else its job; NULL for all others. It is cut out of the canonical
-- bytes, which have no blanks: inside a text every quote has a backslash before it, so `"serial":"` is always a name, also
-- in an event that another one tells again, at any depth. Serials have 17 characters, other names 16 (`Log.new_id`).
ALTER TABLE event ADD COLUMN about TEXT GENERATED ALWAYS AS (
  CAST(CASE
    WHEN instr(body, x'2273657269616c223a22') THEN substr(body, instr(body, x'2273657269616c223a22') + 10, 17) -- "serial":"
    WHEN instr(body, x'2277696e646f77223a22') THEN substr(body, instr(body, x'2277696e646f77223a22') + 10, 16) -- "window":"
    WHEN instr(body, x'226a6f62223a22') THEN substr(body, instr(body, x'226a6f62223a22') + 7, 16) -- "job":"
  END AS TEXT)
) VIRTUAL;

CREATE INDEX event_about ON event (about) WHERE about IS NOT NULL;

CREATE INDEX window_job ON "window" (job_id);
