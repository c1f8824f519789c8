-- The result of an earlier charge: $1 key.
SELECT amount, card_last4, decline_code
FROM simulated_gateway_charges
WHERE key = $1
