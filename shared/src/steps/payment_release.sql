-- payment, if the gateway did not respond: $1 payments.id, $2 claim of this request.
-- The attempt stays open, because the card may have been charged, or may be charged at this moment. Without a claim the next request
-- resumes it; steps that need to know whether it was charged still wait for the end of its lease.
UPDATE payments
SET claim = NULL
WHERE id = $1 AND status = 'processing' AND claim = $2
