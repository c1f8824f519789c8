// Takes the pictures of README (docs/images) and one of each view at both sizes in both colour schemes (target/pictures), against a
// new stack: `STACK=FILE npm run pictures`; see apps/README.md.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import type { Locator, Page } from 'playwright-core'

import { close, open, SIZES } from '../harness/browser.ts'
import { named, type Customer, type Staff } from '../harness/customers.ts'
import { playEvening } from './evening.ts'

type Size = keyof typeof SIZES
type App = 'order_app' | 'analytics_app'

interface View {
  name: string
  app: App
  user: Customer | Staff
  path?: string
  /** Element of the view when its data has arrived. */
  shows: (page: Page) => Locator
  prepare?: (page: Page) => Promise<void>
  /** Size of the picture in README. */
  readme: Size
}

const root = join(import.meta.dirname, '../../..')
const all = join(root, 'target/pictures')
const images = join(root, 'docs/images')

test('pictures', async () => {
  mkdirSync(all, { recursive: true })
  const { followed, next } = await playEvening()
  const views: View[] = [
    {
      name: 'order-app-home',
      app: 'order_app',
      user: named('alice'),
      shows: (page) => page.getByRole('link', { name: 'Casa Cura', exact: true }),
      readme: 'desktop',
    },
    {
      name: 'order-app-restaurant',
      app: 'order_app',
      user: named('mira'),
      path: '/restaurants/4',
      shows: (page) => page.getByRole('button', { name: 'Add gyoza' }),
      prepare: async (page) => {
        for (const dish of ['gyoza', 'ramen', 'mochi']) {
          await page.getByRole('button', { name: `Add ${dish}` }).click()
        }
        await toTop(page)
      },
      readme: 'desktop',
    },
    {
      name: 'order-app-order',
      app: 'order_app',
      user: named('alice'),
      path: `/orders/${followed}`,
      // The map, its places and the expected arrival come after the order.
      shows: (page) => page.locator('[data-marker="driver"]'),
      readme: 'desktop',
    },
    {
      name: 'analytics-app-overview',
      app: 'analytics_app',
      user: 'manager',
      shows: (page) => page.locator('[data-order]').first(),
      // The library of the chart is loaded after the rest of the page.
      prepare: (page) => page.locator('canvas').waitFor(),
      readme: 'desktop',
    },
    {
      name: 'analytics-app-restaurant',
      app: 'analytics_app',
      user: 'restaurant-2',
      shows: (page) => page.getByRole('list', { name: 'New orders' }).getByRole('listitem').first(),
      readme: 'desktop',
    },
    {
      name: 'analytics-app-driver',
      app: 'analytics_app',
      user: `driver-${next.driver}`,
      shows: (page) => page.locator(`[data-order="${next.id}"]`),
      prepare: async (page) => {
        await page.getByRole('switch', { name: 'Share my position' }).press('Space')
        await page.locator('[data-marker="driver"]').waitFor()
        await toTop(page)
      },
      readme: 'desktop',
    },
  ]
  for (const view of views) await take(view)
})

/** Scrolls to the top, and takes the focus from the control that was used. */
async function toTop(page: Page): Promise<void> {
  await page.mouse.click(1, 1)
  await page.evaluate(() => window.scrollTo(0, 0))
}

/** Takes the pictures of a view, and copies those of README. */
async function take({ name, app, user, path = '/', shows, prepare, readme }: View): Promise<void> {
  const page = await open(app, { user, path })
  await shows(page).waitFor()
  await prepare?.(page)
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForFunction((scheme) => {
        const root = document.documentElement
        return root.dataset.mantineColorScheme === scheme && document.fonts.status === 'loaded'
      }, colorScheme)
      const file = join(all, `${name}-${size}-${colorScheme}.png`)
      await page.screenshot({ path: file })
      await page.screenshot({ path: file.replace(/\.png$/, '-full.png'), fullPage: true })
      if (size === readme) copyFileSync(file, join(images, `${name}-${colorScheme}.png`))
    }
  }
  await close(page)
}
