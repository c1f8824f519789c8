-- What SQL of a client may have left in its session; DISCARD ALL would take the driver's prepared statements with it.
RESET SESSION AUTHORIZATION;
RESET ALL;
SET TIME ZONE 'UTC';
CLOSE ALL;
UNLISTEN *;
SELECT pg_advisory_unlock_all();
DISCARD TEMP;
