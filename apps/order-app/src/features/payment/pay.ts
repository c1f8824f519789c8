import { authorization, duration } from '@threefactor/shared'

import { payment as texts } from '../../texts/payment'

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
  '$.info.full_name': { field: 'name', message: texts.enterName },
  '$.info.credit_card_number': { field: 'number', message: texts.enterNumber },
  '$.info.cvv': { field: 'cvv', message: texts.enterCvv },
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
      message: texts.offline,
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
      message: inProgress ? texts.inProgress : texts.tryAgain,
      retryAfterMs: 1000 * (Number(retryAfter) || 1),
    }
  }
  const invalid = INVALID_FIELDS[error?.path ?? '']
  // The gateway's reason for a decline is written for the customer; other messages are written for developers.
  const declined = status === 402 ? error?.message : undefined
  return {
    result: 'refused',
    message:
      (tooMany ? texts.tooManyAttempts(inTime(Number(retryAfter))) : undefined) ??
      declined ??
      texts.refusals[error?.code ?? ''] ??
      invalid?.message ??
      texts.tryLater,
    ...(invalid && { field: invalid.field }),
  }
}

function inTime(seconds: number): string {
  return seconds > 0 ? texts.inTime(duration(seconds * 1000)) : texts.later
}
