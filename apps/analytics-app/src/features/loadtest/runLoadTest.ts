/** Small enough to show progress and to stop soon. */
export const ORDERS_PER_MUTATION = 100

/** Progress of a load test. */
export interface LoadProgress {
  of: number
  placed: number
}

/**
 * Places orders in batches until all are placed, the signal aborts or a batch fails.
 *
 * @param place places a number of orders in one transaction; throws if that fails
 */
export async function runLoadTest(
  of: number,
  place: (count: number) => Promise<void>,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  let placed = 0
  onProgress({ of, placed })
  while (placed < of && !signal.aborted) {
    const count = Math.min(ORDERS_PER_MUTATION, of - placed)
    await place(count)
    placed += count
    onProgress({ of, placed })
  }
}
