-- One answer per key: the first question decides, each further one reads what was decided. The UPDATE that changes nothing
-- is there because DO NOTHING would return no row.
INSERT INTO simulated_gateway_charges AS charge (key, amount, card_last4, decline_code)
VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET key = charge.key
RETURNING charge.card_last4, charge.decline_code
