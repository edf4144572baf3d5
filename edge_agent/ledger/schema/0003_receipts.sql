-- What the registry sealed: that it held an incarnation up to `seq`. Kept apart from `acked`, which goes back with a
-- restored registry, while the highest receipt is what shows that it was restored.

CREATE TABLE receipt (incarnation TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL) STRICT;
