-- login: $1 user name.
-- Returns no row for a name without an account.
SELECT role, restaurant_id, driver_id
FROM identity.accounts
WHERE username = $1
