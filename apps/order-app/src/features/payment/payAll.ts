import { pay, type Card, type PayResult, type PaymentService } from './pay'

/** Order that is ready for payment. */
export interface Payable {
  order_id: string
  /** In cents. */
  total: number
}

/** Progress of `payAll`. */
export interface Progress {
  of: number
  paid: number
  /** Number of failed payments by message. */
  problems: ReadonlyMap<string, number>
}

/** Concurrent payments; leaves capacity of the functions for other customers. */
const MAX_CONCURRENT_PAYMENTS = 8
/** Attempts per order while the result is `later`. */
const MAX_ATTEMPTS = 5

/**
 * Pays each order through `/payment`. After an abort no new payments are started.
 *
 * @param send sends one payment, see `paymentSender`
 */
export async function payAll(
  orders: readonly Payable[],
  send: (order: Payable) => Promise<PayResult>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress> {
  const remaining = orders.values()
  const problems = new Map<string, number>()
  let paid = 0
  const progress = () => ({ of: orders.length, paid, problems: new Map(problems) })
  const worker = async () => {
    // The workers share one iterator, so each order is paid by one of them.
    for (const order of remaining) {
      if (signal.aborted) return
      const answer = await payWithRetry(() => send(order), signal)
      if (answer.result === 'paid') paid += 1
      else problems.set(answer.message, (problems.get(answer.message) ?? 0) + 1)
      onProgress(progress())
    }
  }
  await Promise.all(Array.from({ length: MAX_CONCURRENT_PAYMENTS }, worker))
  return progress()
}

async function payWithRetry(send: () => Promise<PayResult>, signal: AbortSignal): Promise<PayResult> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send()
    if (answer.result !== 'later' || attempt === MAX_ATTEMPTS || signal.aborted) return answer
    await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs))
  }
}

/**
 * Returns a sender that pays every order with the same card.
 *
 * @param service called for each payment, because the token may be renewed in between
 */
export function paymentSender(
  service: () => PaymentService,
  card: Card,
): (order: Payable) => Promise<PayResult> {
  return (order) => pay(service(), order.order_id, order.total, card)
}
