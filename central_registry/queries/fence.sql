-- Statements of central_registry/fence: the roles of this database.

-- name: database_name$
SELECT current_database()::text;

-- name: roles_there
SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ANY(:names::text[]) ORDER BY rolname;

-- name: may_make_roles^
SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user;

-- name: lock_fence$
-- One program lays it at a time: the number is the one of the schema (lock_schema).
SELECT pg_advisory_xact_lock(8243108395577799289);

-- name: tables_there
-- Tables and views of the schema; a partition is behind its table's fence.
SELECT relname::text AS name FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition ORDER BY relname;
