-- Accounts of a demo: `restaurant-1`, `driver-1`, … and `manager`, for the demo data of schema.sql. They have no passwords, so this
-- file is applied only where the login function accepts names (`cargo xtask dev`, tests, and `cargo xtask deploy` with
-- DemoLogin=true). Only missing rows are added.

INSERT INTO identity.accounts (username, role, restaurant_id)
SELECT 'restaurant-' || id, 'restaurant', id FROM restaurants WHERE id <= 6
ON CONFLICT (username) DO NOTHING;

INSERT INTO identity.accounts (username, role, driver_id)
SELECT 'driver-' || id, 'driver', id FROM drivers WHERE id BETWEEN 1 AND 50
ON CONFLICT (username) DO NOTHING;

INSERT INTO identity.accounts (username, role) VALUES ('manager', 'manager')
ON CONFLICT (username) DO NOTHING;
