import { pay, type Card, type PayResult } from './pay'

/** An order that can be paid. */
export interface Payable {
  order_id: string
  /** In cents. */
  total: number
}

/** How far "Pay all" is. */
export interface Progress {
  of: number
  paid: number
  /** How many were not paid, by what was said. */
  problems: ReadonlyMap<string, number>
}

/** Payments under way at the same time: enough to be quick, few enough to leave the functions to others. */
const AT_ONCE = 8
/** How often an order is tried while the answer is "later". */
const TRIES = 5

/**
 * Pays each order through `/payment`. Stops starting new payments when the signal says so.
 *
 * @param send one payment; `pay` with the backend's address
 */
export async function payAll(
  orders: readonly Payable[],
  send: (order: Payable) => Promise<PayResult>,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Progress> {
  const waiting = orders.values()
  const problems = new Map<string, number>()
  let paid = 0
  const progress = () => ({ of: orders.length, paid, problems: new Map(problems) })
  const worker = async () => {
    // The workers share one iterator: each takes the next order.
    for (const order of waiting) {
      if (signal.aborted) return
      const answer = await persist(() => send(order), signal)
      if (answer.result === 'paid') paid += 1
      else problems.set(answer.message, (problems.get(answer.message) ?? 0) + 1)
      onProgress(progress())
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return progress()
}

async function persist(send: () => Promise<PayResult>, signal: AbortSignal): Promise<PayResult> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send()
    if (answer.result !== 'later' || tries === TRIES || signal.aborted) return answer
    await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs))
  }
}

/** One card for all of them. */
export function payWith(functionsUrl: string, card: Card): (order: Payable) => Promise<PayResult> {
  return (order) => pay(functionsUrl, order.order_id, order.total, card)
}
