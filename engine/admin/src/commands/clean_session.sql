-- Resets what a client's SQL may have changed in its session; DISCARD ALL would also drop the driver's prepared
-- statements.
RESET SESSION AUTHORIZATION;
RESET ALL;
CLOSE ALL;
UNLISTEN *;
SELECT pg_advisory_unlock_all();
DISCARD TEMP;
