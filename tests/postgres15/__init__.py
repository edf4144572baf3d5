"""PostgreSQL 15 for the tests, brought by set-up (package.json)."""
