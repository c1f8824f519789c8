// Measures the frame intervals of a page.
import type { Page } from 'playwright-core'

/** Starts recording frame intervals. */
export async function recordFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const intervals: number[] = []
    let last = performance.now()
    const frame = (now: number) => {
      intervals.push(now - last)
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    Object.assign(window, { intervals })
  })
}

/** Returns the recorded intervals in milliseconds. */
export function frameIntervals(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as unknown as { intervals: number[] }).intervals)
}

/** Returns a quantile, rounded to milliseconds. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? NaN)
}
