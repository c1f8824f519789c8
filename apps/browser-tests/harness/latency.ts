// Measures the time from a history row's timestamp to its appearance on the page. Both use the clock of this machine.
import type { Page } from 'playwright-core'

/** Progress entry that appeared on the page. */
export interface RenderedEntry {
  /** Id of the `order_history` row. */
  id: number
  /** `order_history.at`. */
  at: string
  /** `Date.now()` when the entry appeared. */
  renderedAt: number
}

/** Starts recording progress entries that appear on the page. */
export async function recordEntries(page: Page): Promise<void> {
  await page.evaluate(() => {
    const renderedEntries: RenderedEntry[] = []
    const known = new Set<string>()
    const record = () => {
      const renderedAt = Date.now()
      for (const entry of document.querySelectorAll<HTMLElement>('[data-history-id]')) {
        const { historyId = '', at = '' } = entry.dataset
        if (known.has(historyId)) continue
        known.add(historyId)
        renderedEntries.push({ id: Number(historyId), at, renderedAt })
      }
    }
    record()
    renderedEntries.length = 0
    new MutationObserver(record).observe(document.body, { childList: true, subtree: true })
    Object.assign(window, { renderedEntries })
  })
}

/** Returns the recorded entries. */
export function recordedEntries(page: Page): Promise<RenderedEntry[]> {
  return page.evaluate(() => (window as unknown as { renderedEntries: RenderedEntry[] }).renderedEntries)
}

/** Returns the median. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
