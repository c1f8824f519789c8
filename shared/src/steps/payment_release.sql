-- payment, when the gateway did not answer: $1 payments.id, $2 the request's own claim.
-- The attempt stays open, because the money may have moved; its lease ends now, so that the next request resumes it.
UPDATE payments
SET claimed_at = '-infinity'
WHERE id = $1 AND status = 'processing' AND claim = $2
