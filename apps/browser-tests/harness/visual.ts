// Visual and accessibility checks of a page.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

import { NARROWEST, SIZES, SMALL_WINDOW } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const directory = process.env.SCREENSHOTS ?? join(import.meta.dirname, '../../../target/screenshots')
mkdirSync(directory, { recursive: true })

/** Spacing that users may set, of WCAG 2.2, 1.4.12. */
const TEXT_SPACING = `
  * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
  p { margin-bottom: 2em !important; }
`

/** Part of a page whose controls are those of a library. */
export interface Foreign {
  /** Element that contains it. */
  selector: string
}

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

/** Throws if the page is wider than the window; names the elements that are. */
async function assertFits(page: Page, where: string): Promise<void> {
  const { overflow, elements } = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    elements: [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`),
  }))
  if (overflow > 0) {
    throw new Error(`${where}: the page is ${overflow} px wider than the window:\n${elements.join('\n')}`)
  }
}

/** Throws if a control is lower than a finger is wide, except links within a text. */
async function assertTouchable(page: Page, where: string, foreign?: Foreign): Promise<void> {
  const small = await page.evaluate(
    (foreign) =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'main button, nav a, header button, input[type="text"], select, .mantine-Switch-body',
        ),
      ]
        .filter((element) => foreign === undefined || !element.closest(foreign))
        .map((element) => ({ element, height: element.getBoundingClientRect().height }))
        .filter(({ height }) => height > 0 && height < 43.5)
        .map(
          ({ element, height }) => `${element.textContent || element.outerHTML.slice(0, 80)}: ${height} px`,
        ),
    foreign?.selector,
  )
  if (small.length > 0) throw new Error(`${where}: controls of less than 44 px:\n${small.join('\n')}`)
}

/** Checks that the page reflows: in a small window, on the narrowest phone, with text of twice the size, and with more space in the text. */
async function assertReflows(page: Page, name: string, foreign?: Foreign): Promise<void> {
  await page.setViewportSize(SMALL_WINDOW)
  await assertFits(page, `${name} at ${SMALL_WINDOW.width} px`)
  await page.screenshot({ path: join(directory, `${name}-small-window.png`) })
  await page.setViewportSize(NARROWEST)
  await assertFits(page, `${name} at ${NARROWEST.width} px`)
  await page.screenshot({ path: join(directory, `${name}-narrow.png`) })
  await page.setViewportSize(SIZES.phone)
  await assertTouchable(page, name, foreign)
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
  await assertFits(page, `${name} with text of 200 %`)
  await page.evaluate(() => (document.documentElement.style.fontSize = ''))
  await page.evaluate((text) => {
    const spacing = new CSSStyleSheet()
    spacing.replaceSync(text)
    document.adoptedStyleSheets = [spacing]
  }, TEXT_SPACING)
  await assertFits(page, `${name} with more space between letters, words and lines`)
  await page.evaluate(() => (document.adoptedStyleSheets = []))
}

/** Changes the colour scheme of the browser, and waits until the page has it. */
export async function setColorScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.waitForFunction((scheme) => {
    const root = document.documentElement
    return root.dataset.mantineColorScheme === scheme && document.fonts.status === 'loaded'
  }, colorScheme)
}

/**
 * Checks a page at phone and desktop width in both colour schemes: no axe violation and no horizontal overflow, which it must
 * not have on narrower phones or with larger text either. Writes a screenshot of each combination to target/screenshots/.
 */
export async function checkVisually(page: Page, name: string, foreign?: Foreign): Promise<void> {
  for (const [sizeName, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size)
    for (const colorScheme of ['light', 'dark'] as const) {
      await setColorScheme(page, colorScheme)
      const where = `${name}-${sizeName}-${colorScheme}`
      await assertAccessible(page, where)
      await assertFits(page, where)
      // The viewport is as high as the page, so that fixed elements are at its edges.
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      await page.setViewportSize({ width: size.width, height: Math.min(Math.max(height, size.height), 2400) })
      await page.screenshot({ path: join(directory, `${where}.png`) })
      await page.setViewportSize(size)
    }
  }
  await assertReflows(page, name, foreign)
  await page.setViewportSize(SIZES.desktop)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
}
