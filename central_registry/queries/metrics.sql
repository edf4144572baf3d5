-- Statements of central_registry/http/metrics.py: what a watcher asks every few seconds.

-- name: count_open_alarms
SELECT kind, count(*) AS alarms FROM alarm WHERE closed_at IS NULL GROUP BY kind;

-- name: last_words
SELECT agent, seen_at FROM agent WHERE lost_at IS NULL AND seen_at IS NOT NULL ORDER BY agent;
