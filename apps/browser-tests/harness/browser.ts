// Chromium, shared by all tests, with one browser context per page.
import { after } from 'node:test'

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import type { Customer, Staff } from './customers.ts'
import { addresses, tokenOf } from './stack.ts'

/** Maximum wait for an element. */
const TIMEOUT_MS = 20_000

/** Viewport sizes. */
export const SIZES = { desktop: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } }

/** A window that takes a part of a screen. */
export const SMALL_WINDOW = { width: 1000, height: 760 }

/** Width to which WCAG 2.2 requires pages to reflow. */
export const NARROWEST = { width: 320, height: 640 }

let running: Promise<Browser> | undefined
const pageErrors: string[] = []

/** Starts Chromium with arguments besides those that every test needs. */
export function launch(...args: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // The pages of a test are open at the same time; background throttling would slow down all but one.
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
      '--disable-background-timer-throttling',
      ...args,
    ],
  })
}

function browser(): Promise<Browser> {
  running ??= launch()
  return running
}

after(async () => {
  await (await running)?.close()
})

/** Opens an app in a new browser context, signed in as `user` if one is given; the default of the dashboard is the manager. */
export async function open(
  app: 'order_app' | 'analytics_app',
  {
    path = '/',
    signedIn = true,
    user = app === 'analytics_app' && signedIn ? 'manager' : undefined,
    token,
    size = 'desktop',
  }: {
    path?: string
    signedIn?: boolean
    user?: Customer | Staff
    token?: string
    size?: keyof typeof SIZES
  } = {},
): Promise<Page> {
  const origin = addresses[app]
  const context = await (
    await browser()
  ).newContext({
    viewport: SIZES[size],
    colorScheme: 'light',
    locale: 'en-US',
    // Steps of an order are shown as soon as they are known, instead of one after the other.
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(TIMEOUT_MS)
  collectErrors(context)
  const page = await context.newPage()
  const stored = token ?? (user === undefined ? undefined : await tokenOf(user))
  if (stored !== undefined) await storeSession(page, stored)
  await page.goto(origin + path)
  return page
}

/** Opens a page of the console in a new browser context. */
export async function openConsole(path: string): Promise<Page> {
  if (!addresses.console) throw new Error('the stack has no console')
  const context = await (
    await browser()
  ).newContext({ viewport: SIZES.desktop, colorScheme: 'light', locale: 'en-US', reducedMotion: 'reduce' })
  context.setDefaultTimeout(TIMEOUT_MS)
  collectErrors(context)
  const page = await context.newPage()
  await page.goto(addresses.console + path)
  return page
}

/** Stores a session in the tab before the app starts, but not again after a reload. */
async function storeSession(page: Page, token: string): Promise<void> {
  await page.addInitScript((token) => {
    if (sessionStorage.getItem('test') !== null) return
    sessionStorage.setItem('test', 'started')
    sessionStorage.setItem('3factor.session.1', token)
  }, token)
}

/** Collects errors of a page, except lost connections, which some tests cause on purpose. */
function collectErrors(context: BrowserContext): void {
  context.on('weberror', (error) => pageErrors.push(error.error().stack ?? error.error().message))
  context.on('console', (message) => {
    const text = message.text()
    const expected = /Failed to load resource|WebSocket connection to/.test(text)
    if (message.type() === 'error' && !expected) pageErrors.push(text)
  })
}

/** Closes pages. Throws if one of them had an error or violated its content security policy. */
export async function close(...pages: Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()))
  const errors = pageErrors.splice(0)
  if (errors.length > 0) throw new Error(`errors in the page:\n${errors.join('\n')}`)
}
