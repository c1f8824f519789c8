// Visual and accessibility checks of a page.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

import { SIZES } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const directory = process.env.SCREENSHOTS ?? join(import.meta.dirname, '../../../target/screenshots')
mkdirSync(directory, { recursive: true })

/** Throws if axe finds a violation. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)')
  if (violations.length > 0) {
    const list = violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((node) => `  ${node.html}`).join('\n')}`,
    )
    throw new Error(`axe, ${where}:\n${list.join('\n')}`)
  }
}

/**
 * Checks a page at phone and desktop width in both colour schemes: no axe violation and no horizontal overflow. Writes a
 * screenshot of each combination to target/screenshots/.
 */
export async function checkVisually(page: Page, name: string): Promise<void> {
  for (const [sizeName, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForFunction((scheme) => {
        const root = document.documentElement
        return root.dataset.mantineColorScheme === scheme && document.fonts.status === 'loaded'
      }, colorScheme)
      const where = `${name}-${sizeName}-${colorScheme}`
      await assertAccessible(page, where)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (overflow > 0) throw new Error(`${where}: the page is ${overflow} px wider than the window`)
      // The viewport is as high as the page, so that fixed elements are at its edges.
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      await page.setViewportSize({ width: size.width, height: Math.min(Math.max(height, size.height), 2400) })
      await page.screenshot({ path: join(directory, `${where}.png`) })
      await page.setViewportSize(size)
    }
  }
  await page.setViewportSize(SIZES.desktop)
  await page.emulateMedia({ colorScheme: 'light' })
}
