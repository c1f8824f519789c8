import { authorization, duration } from '@threefactor/shared'

/** Card data from the form; sent to `/payment` only. */
export interface Card {
  name: string
  number: string
  cvv: string
}

/** Outcome of a payment attempt. */
export type PayResult =
  | { result: 'paid' }
  /** Final: the same request would fail again. */
  | { result: 'refused'; message: string; field?: keyof Card }
  /** Transient: the request can be repeated, because the backend charges an order at most once. */
  | { result: 'later'; message: string; retryAfterMs: number }

/** Time limit of one attempt; longer than the limit of API Gateway. */
const TIMEOUT_MS = 30_000

/** Form field and message for each invalid field of the request. */
const INVALID_FIELDS: Record<string, { field: keyof Card; message: string }> = {
  '$.info.full_name': { field: 'name', message: 'Enter the name on the card.' },
  '$.info.credit_card_number': { field: 'number', message: 'Enter a valid card number.' },
  '$.info.cvv': { field: 'cvv', message: 'Enter the 3- or 4-digit security code.' },
}

/** Messages for orders that cannot be paid, by error code. */
const REFUSALS: Record<string, string> = {
  amount_mismatch: 'The amount does not match the order total. Please reload the page.',
  order_not_validated: 'We are still checking this order. Please try again in a moment.',
  order_refused: 'This order was refused and cannot be paid.',
  order_closed: 'This order is closed and cannot be paid.',
  order_not_found: 'Order not found.',
  not_a_customer: 'Only customers can pay. Please sign in as the customer of this order.',
  missing_token: 'Your session has expired. Please sign in again.',
  invalid_token: 'Your session has expired. Please sign in again.',
}

interface Answer {
  error?: { code?: string; message?: string; path?: string }
}

/** Address of the payments, and the token of the customer; undefined if the backend has no identities. */
export interface PaymentService {
  functionsUrl: string
  token: string | undefined
}

/** POSTs to `/payment`; never throws. */
export async function pay(
  { functionsUrl, token }: PaymentService,
  orderId: string,
  amount: number,
  card: Card,
  signal?: AbortSignal,
): Promise<PayResult> {
  let response: Response
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    response = await fetch(`${functionsUrl}/payment`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(token) },
      body: JSON.stringify({
        order_id: orderId,
        info: { full_name: card.name, credit_card_number: card.number, cvv: card.cvv },
        metadata: { type: 'credit_card', amount },
      }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch {
    return {
      result: 'later',
      message: 'You appear to be offline. Please try again; you will not be charged twice.',
      retryAfterMs: 1000,
    }
  }
  const answer = (await response.json().catch(() => ({}))) as Answer
  return interpret(response.status, response.headers.get('retry-after'), answer)
}

/** Converts a response of `/payment` into the outcome for the customer. */
export function interpret(status: number, retryAfter: string | null, { error }: Answer): PayResult {
  if (status === 200) return { result: 'paid' }
  const inProgress = error?.code === 'payment_in_progress'
  const tooMany = error?.code === 'too_many_attempts'
  if (inProgress || (status === 429 && !tooMany) || status >= 500) {
    return {
      result: 'later',
      message: inProgress
        ? 'A payment for this order is already in progress. Please wait a moment.'
        : 'The payment could not be completed. Please try again; you will not be charged twice.',
      retryAfterMs: 1000 * (Number(retryAfter) || 1),
    }
  }
  const invalid = INVALID_FIELDS[error?.path ?? '']
  // The gateway's reason for a decline is written for the customer; other messages are written for developers.
  const declined = status === 402 ? error?.message : undefined
  return {
    result: 'refused',
    message:
      (tooMany ? `Too many attempts. Please try again ${inTime(Number(retryAfter))}.` : undefined) ??
      declined ??
      REFUSALS[error?.code ?? ''] ??
      invalid?.message ??
      'The payment could not be processed. Please try again later.',
    ...(invalid && { field: invalid.field }),
  }
}

function inTime(seconds: number): string {
  return seconds > 0 ? `in ${duration(seconds * 1000)}` : 'later'
}
