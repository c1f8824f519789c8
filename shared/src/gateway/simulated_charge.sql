-- One result per key: the first request determines it, and later requests read it. The UPDATE changes nothing, but DO NOTHING
-- would return no row.
INSERT INTO simulated_gateway_charges AS charge (key, amount, card_last4, decline_code, card_hash)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO UPDATE SET key = charge.key
RETURNING charge.amount, charge.card_last4, charge.decline_code, charge.card_hash
