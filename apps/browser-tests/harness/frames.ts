// How smoothly a page draws.
import type { Page } from 'playwright-core'

/** From here on, the page notes how long after one another its frames come. */
export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const pauses: number[] = []
    let last = performance.now()
    const frame = (now: number) => {
      pauses.push(now - last)
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    Object.assign(window, { pauses })
  })
}

/** The pauses between frames since then, in milliseconds. */
export function pauses(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as unknown as { pauses: number[] }).pauses)
}

/** The number below or at which this share of them lies, rounded. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? NaN)
}
