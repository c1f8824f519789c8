-- payment, if the gateway did not respond: $1 payments.id, $2 claim of this request.
-- The attempt stays open, because the card may have been charged; its lease ends now, so that the next request resumes it.
UPDATE payments
SET claimed_at = '-infinity'
WHERE id = $1 AND status = 'processing' AND claim = $2
