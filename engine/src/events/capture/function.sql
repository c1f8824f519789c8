-- Filled in by `capture::ddl`. SECURITY DEFINER, so that whoever may write the table writes its events too and needs no
-- right on hdb_catalog; everything is qualified, because such a function must not follow its caller's search_path.
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {body};
REVOKE ALL ON FUNCTION {function}() FROM PUBLIC;
DROP TRIGGER IF EXISTS {trigger} ON {table};
CREATE TRIGGER {trigger} AFTER {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
