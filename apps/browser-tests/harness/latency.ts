// How long after a change was written down it is on the screen, by the clock of this one machine.
import type { Page } from 'playwright-core'

/** A line of an order's story, as it came to the screen. */
export interface Sight {
  /** Which row of order_history. */
  id: number
  /** `order_history.at`. */
  at: string
  /** `Date.now()` of the MutationObserver that saw it. */
  seen: number
}

/** From here on, the page notes when lines of the story appear. */
export async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sights: Sight[] = []
    const known = new Set<string>()
    const note = () => {
      const seen = Date.now()
      for (const line of document.querySelectorAll<HTMLElement>('[data-history-id]')) {
        const { historyId = '', at = '' } = line.dataset
        if (known.has(historyId)) continue
        known.add(historyId)
        sights.push({ id: Number(historyId), at, seen })
      }
    }
    note()
    sights.length = 0
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true })
    Object.assign(window, { sights })
  })
}

/** What has appeared since. */
export function sights(page: Page): Promise<Sight[]> {
  return page.evaluate(() => (window as unknown as { sights: Sight[] }).sights)
}

/** The middle one. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
