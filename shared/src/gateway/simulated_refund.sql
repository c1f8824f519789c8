-- One refund per key: $1 key, $2 key of the charge, $3 amount. Returns no row if there is no such charge; a repeated request returns
-- the row of the first one. The UPDATE changes nothing, but DO NOTHING would return no row.
INSERT INTO simulated_gateway_refunds AS refund (key, charge_key, amount)
SELECT $1, charge.key, charge.amount
FROM simulated_gateway_charges AS charge
WHERE charge.key = $2 AND charge.decline_code IS NULL AND charge.amount = $3
ON CONFLICT (key) DO UPDATE SET key = refund.key
RETURNING refund.amount
