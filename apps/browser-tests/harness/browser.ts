// One Chromium for all tests, and windows in it.
import { after } from 'node:test'

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import { addresses } from './stack.ts'

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 20_000

/** The widths that pages are looked at in. */
export const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }

let running: Promise<Browser> | undefined
const troubles: string[] = []

function browser(): Promise<Browser> {
  running ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Windows of a test are open at the same time, and each must behave as if it were in front.
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      '--disable-background-timer-throttling',
    ],
  })
  return running
}

after(async () => {
  await (await running)?.close()
})

/** Opens a window with an app in it; whoever `user` is, is logged in already. */
export async function open(
  app: 'order_app' | 'analytics_app',
  { path = '/', user, size = 'desktop' }: { path?: string; user?: string; size?: keyof typeof SIZES } = {},
): Promise<Page> {
  const origin = addresses[app]
  const localStorage = user === undefined ? [] : [{ name: 'user', value: JSON.stringify(user) }]
  const context = await (
    await browser()
  ).newContext({
    viewport: SIZES[size],
    colorScheme: 'light',
    locale: 'en-GB',
    storageState: { cookies: [], origins: [{ origin, localStorage }] },
  })
  context.setDefaultTimeout(PATIENCE)
  watch(context)
  const page = await context.newPage()
  await page.goto(origin + path)
  return page
}

/** What a page complains about by itself, bar lost connections, which tests cause on purpose. */
function watch(context: BrowserContext): void {
  context.on('weberror', (error) => troubles.push(error.error().stack ?? error.error().message))
  context.on('console', (message) => {
    const text = message.text()
    const expected = /Failed to load resource|WebSocket connection to/.test(text)
    if (message.type() === 'error' && !expected) troubles.push(text)
  })
}

/** Closes windows, and fails when one of them had an error or broke its own content security policy. */
export async function close(...pages: Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()))
  const found = troubles.splice(0)
  if (found.length > 0) throw new Error(`errors in the page:\n${found.join('\n')}`)
}
