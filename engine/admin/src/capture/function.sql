-- Template for `capture::ddl`. SECURITY DEFINER, so that a role with write access to the table can write its events without
-- privileges on hdb_catalog; all names are qualified, because such a function must not use its caller's search_path.
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {body};
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
DROP TRIGGER IF EXISTS {trigger} ON {table};
CREATE TRIGGER {trigger} AFTER {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
