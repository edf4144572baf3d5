-- A scan page says what stops goods, and whether a second person has confirmed it: what was asked about them is found by
-- what it is about.
CREATE INDEX decision_by_about ON decision (about);
