/** What somebody pays with. Goes to `/payment` and nowhere else. */
export interface Card {
  name: string
  number: string
  cvv: string
}

/** How a try to pay ended. */
export type PayResult =
  | { result: 'paid' }
  /** The card, or the request, was refused: the same again would end the same. */
  | { result: 'refused'; message: string; field?: 'name' | 'number' | 'cvv' }
  /** It may work in a moment. Nothing is charged twice: the backend charges an order once, however often it is asked. */
  | { result: 'later'; message: string; retryAfterMs: number }

/** How long one try may take, in milliseconds: longer than API Gateway's own limit. */
const TIMEOUT = 30_000

/** Which field of the form a path of the answer's means. */
const FIELDS: Record<string, 'name' | 'number' | 'cvv'> = {
  '$.info.full_name': 'name',
  '$.info.credit_card_number': 'number',
  '$.info.cvv': 'cvv',
}

interface Answer {
  error?: { code?: string; message?: string; path?: string }
  /** What API Gateway itself says. */
  message?: string
}

/** POSTs to `/payment`; never throws. */
export async function pay(
  functionsUrl: string,
  orderId: string,
  amount: number,
  card: Card,
  signal?: AbortSignal,
): Promise<PayResult> {
  let response: Response
  try {
    const timeout = AbortSignal.timeout(TIMEOUT)
    response = await fetch(`${functionsUrl}/payment`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
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
      message:
        'The payment service cannot be reached. Please try again: an order is charged once, however often you try.',
      retryAfterMs: 1000,
    }
  }
  const answer = (await response.json().catch(() => ({}))) as Answer
  return interpret(response.status, response.headers.get('retry-after'), answer)
}

/** What an answer of `/payment` means for the person who pays. */
export function interpret(status: number, retryAfter: string | null, answer: Answer): PayResult {
  if (status === 200) return { result: 'paid' }
  const { error } = answer
  const passes = status === 429 || status >= 500 || error?.code === 'payment_in_progress'
  if (passes) {
    return {
      result: 'later',
      message: error
        ? sentence(error.message)
        : 'The payment service is busy or restarting. Please try again: an order is charged once, however often you try.',
      retryAfterMs: 1000 * (Number(retryAfter) || 1),
    }
  }
  const field = FIELDS[error?.path ?? '']
  return {
    result: 'refused',
    message: sentence(error?.message ?? answer.message ?? `The payment service answered ${status}.`),
    ...(field && { field }),
  }
}

function sentence(text = ''): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
