// Takes the pictures of README and of the guide (docs/images), and one of each view at both sizes in both colour schemes
// (target/pictures), against a new stack: `STACK=FILE npm run pictures`; see apps/README.md.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import type { Locator, Page } from 'playwright-core'

import { metadata } from '../harness/admin.ts'
import { close, open, SIZES } from '../harness/browser.ts'
import { button, runQuery, signedIn, typeQuery } from '../harness/console.ts'
import { named } from '../harness/customers.ts'
import { setColorScheme } from '../harness/visual.ts'
import { playEvening } from './evening.ts'

/** Size of the pictures in the documentation. */
const DOCUMENTED = 'desktop'

interface View {
  name: string
  /** Opens the page. */
  open: () => Promise<Page>
  /** Element of the view when its data has arrived. */
  shows: (page: Page) => Locator
  prepare?: (page: Page) => Promise<void>
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
      open: () => open('order_app', { user: named('alice') }),
      shows: (page) => page.getByRole('link', { name: 'Casa Cura', exact: true }),
    },
    {
      name: 'order-app-restaurant',
      open: () => open('order_app', { user: named('mira'), path: '/restaurants/4' }),
      shows: (page) => page.getByRole('button', { name: 'Add gyoza' }),
      prepare: async (page) => {
        for (const dish of ['gyoza', 'ramen', 'mochi']) {
          await page.getByRole('button', { name: `Add ${dish}` }).click()
        }
        await toTop(page)
      },
    },
    {
      name: 'order-app-order',
      open: () => open('order_app', { user: named('alice'), path: `/orders/${followed}` }),
      // The map, its places and the expected arrival come after the order.
      shows: (page) => page.locator('[data-marker="driver"]'),
    },
    {
      name: 'analytics-app-overview',
      open: () => open('analytics_app', { user: 'manager' }),
      shows: (page) => page.locator('[data-order]').first(),
      // The library of the chart is loaded after the rest of the page.
      prepare: (page) => page.locator('canvas').waitFor(),
    },
    {
      name: 'analytics-app-restaurant',
      open: () => open('analytics_app', { user: 'restaurant-2' }),
      shows: (page) => page.getByRole('list', { name: 'New orders' }).getByRole('listitem').first(),
    },
    {
      name: 'analytics-app-driver',
      open: () => open('analytics_app', { user: `driver-${next.driver}` }),
      shows: (page) => page.locator(`[data-order="${next.id}"]`),
      prepare: async (page) => {
        await page.getByRole('switch', { name: 'Share my position' }).press('Space')
        await page.locator('[data-marker="driver"]').waitFor()
        await toTop(page)
      },
    },
    ...consoleViews(followed),
  ]
  for (const view of views) await take(view)
})

/** Pages of the console, in the order of the guide's steps from the last one: the first step shows an engine without metadata. */
function consoleViews(order: string): View[] {
  return [
    {
      name: 'console-permissions',
      open: () => signedIn('/data/public/orders/permissions'),
      shows: (page) => button(page, 'customer may select some rows'),
      prepare: (page) => button(page, 'customer may select some rows').click(),
    },
    {
      name: 'console-trigger',
      open: () => signedIn('/events/trigger/validate-order'),
      shows: (page) => page.getByText('Request and response').first(),
      prepare: (page) => page.getByText('Delivered', { exact: true }).click(),
    },
    {
      name: 'console-trigger-form',
      open: () => signedIn('/events/trigger/restaurant-approval/edit'),
      shows: (page) => page.getByLabel('payment_valid', { exact: true }),
    },
    {
      name: 'console-graphql',
      open: () => signedIn('/api'),
      shows: (page) => page.locator('.graphiql-query-editor .monaco-editor').first(),
      prepare: (page) => showOrder(page, order),
    },
    {
      name: 'console-track-all',
      open: async () => {
        // The stack is a new one, and no later picture needs its metadata.
        await metadata('clear_metadata', {})
        return signedIn('/data')
      },
      shows: (page) => button(page, 'Track all'),
    },
  ]
}

/** Runs a query about an order. */
async function showOrder(page: Page, order: string): Promise<void> {
  await typeQuery(
    page,
    `{ orders_by_pk(order_id: "${order}") { status items { item quantity } order_history(order_by: {id: asc}) { at outcome } } }`,
  )
  await page.getByRole('button', { name: /^Prettify/ }).click()
  // The text is formatted by a library that is loaded now.
  await page.locator('.graphiql-query-editor .view-line').nth(5).waitFor()
  await page.locator('.graphiql-query-editor .monaco-editor').first().click()
  await page.keyboard.press('ControlOrMeta+Home')
  await runQuery(page)
  await page.locator('.result-window').getByText('order_history').first().waitFor()
}

/** Scrolls to the top, and takes the focus from the control that was used. */
async function toTop(page: Page): Promise<void> {
  await page.mouse.click(1, 1)
  await page.evaluate(() => window.scrollTo(0, 0))
}

/** Takes the pictures of a view, and copies those of the documentation. */
async function take({ name, open, shows, prepare }: View): Promise<void> {
  const page = await open()
  await shows(page).waitFor()
  await prepare?.(page)
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await setColorScheme(page, colorScheme)
      const file = join(all, `${name}-${size}-${colorScheme}.png`)
      await page.screenshot({ path: file })
      await page.screenshot({ path: file.replace(/\.png$/, '-full.png'), fullPage: true })
      if (size === DOCUMENTED) copyFileSync(file, join(images, `${name}-${colorScheme}.png`))
    }
  }
  await close(page)
}
