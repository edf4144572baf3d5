-- Statements of central_registry/http/metrics.py: what a watcher asks every few seconds.

-- name: count_open_alarms
SELECT kind, count(*) AS alarms FROM alarm WHERE closed_at IS NULL GROUP BY kind;

-- name: connections_given$
-- As many as are not kept for a superuser.
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int;

-- name: last_words
SELECT agent, seen_at FROM agent WHERE lost_at IS NULL AND seen_at IS NOT NULL ORDER BY agent;
