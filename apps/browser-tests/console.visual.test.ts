// Every page of the console: accessible, and within the window at each size.
import { test } from 'node:test'

import { metadata } from './harness/admin.ts'
import { close, openConsole } from './harness/browser.ts'
import { button, goTo, signedIn } from './harness/console.ts'
import { checkVisually, type Foreign } from './harness/visual.ts'

/** The editor: its buttons are lower than a finger is wide. */
const GRAPHIQL: Foreign = { selector: '.graphiql-container' }

/** Name of the page, path, a text that it shows when its data has arrived, and a button that is pressed then. */
const PAGES: [name: string, path: string, ready: string, pressed?: string][] = [
  ['graphql', '/api', 'Variables'],
  ['rest', '/api/rest', 'New REST endpoint'],
  ['data', '/data', 'Suggested relationships'],
  ['rows', '/data/public/orders', 'Insert row'],
  ['row', '/data/public/loan', 'Insert row', 'Insert row'],
  ['structure', '/data/public/orders/structure', 'Names in the API'],
  ['enum', '/data/public/shade/structure', 'No longer use as an enum'],
  ['relationships', '/data/public/orders/relationships', 'Suggested relationships'],
  ['computed', '/data/public/book/computed', 'New computed field'],
  ['permissions', '/data/public/orders/permissions', 'View as a role'],
  ['permission-select', '/data/public/loan/permissions', 'View as a role', 'keeper may select some rows'],
  ['permission-insert', '/data/public/loan/permissions', 'View as a role', 'keeper may insert all rows'],
  ['functions', '/data/functions', 'Functions that are not tracked'],
  ['sql', '/data/sql', 'Statement'],
  ['events', '/events', 'Triggers'],
  ['trigger', '/events/trigger/validate-order', 'Invocations'],
  ['trigger-form', '/events/new', 'Definition'],
  ['cron', '/events/cron', 'nightly'],
  ['cron-edit', '/events/cron', 'nightly', 'Edit nightly'],
  ['one-off', '/events/one-off', 'New one-off event'],
  ['settings', '/settings', 'API limits'],
  ['monitoring', '/monitoring', 'Database'],
]

test('every page of the console is accessible and fits the viewport', { timeout: 360_000 }, async (t) => {
  const start = await openConsole('')
  await start.getByLabel('Secret of this engine').waitFor()
  await checkVisually(start, 'console-sign-in')
  await close(start)
  const page = await signedIn('/data')
  await metadata('create_cron_trigger', {
    name: 'nightly',
    webhook: { from_env: 'FUNCTIONS_URL' },
    schedule: '0 3 * * *',
    comment: 'Sends the report',
    include_in_metadata: true,
  })
  for (const [name, path, ready, pressed] of PAGES)
    await t.test(name, async () => {
      await goTo(page, path)
      await page.getByText(ready, { exact: true }).first().waitFor()
      await page.locator('[data-loading]').first().waitFor({ state: 'detached' })
      if (pressed !== undefined) await button(page, pressed).first().click()
      await checkVisually(page, `console-${name}`, GRAPHIQL)
    })
  await close(page)
})
