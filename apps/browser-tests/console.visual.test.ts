// Every page of the console: accessible, and within the window at each size.
import { test } from 'node:test'

import { close, openConsole } from './harness/browser.ts'
import { goTo, signedIn } from './harness/console.ts'
import { checkVisually, type Foreign } from './harness/visual.ts'

/** The editor, whose markup no configuration changes. Own controls in its toolbar are buttons of GraphiQL, too. */
const GRAPHIQL: Foreign = {
  selector: '.graphiql-container',
  violates: {
    'nested-interactive':
      'the tab of a query, an element with the role tab, contains the buttons that select and close it',
    'color-contrast': 'comments in the dark theme of its editor have a contrast of 3.6 : 1',
  },
}

/** Name of the page, path, and a text that it shows when its data has arrived. */
const PAGES = [
  ['graphql', '/api', 'Variables'],
  ['rest', '/api/rest', 'New REST endpoint'],
  ['data', '/data', 'Suggested relationships'],
  ['rows', '/data/public/orders', 'Insert row'],
  ['structure', '/data/public/orders/structure', 'Names in the API'],
  ['enum', '/data/public/shade/structure', 'No longer use as an enum'],
  ['relationships', '/data/public/orders/relationships', 'Suggested relationships'],
  ['computed', '/data/public/book/computed', 'New computed field'],
  ['permissions', '/data/public/orders/permissions', 'View as a role'],
  ['functions', '/data/functions', 'Functions that are not tracked'],
  ['sql', '/data/sql', 'Statement'],
  ['events', '/events', 'Triggers'],
  ['trigger', '/events/trigger/validate-order', 'Invocations'],
  ['trigger-form', '/events/new', 'Definition'],
  ['cron', '/events/cron', 'New cron trigger'],
  ['one-off', '/events/one-off', 'New one-off event'],
  ['settings', '/settings', 'API limits'],
  ['monitoring', '/monitoring', 'Database'],
] as const

test('every page of the console is accessible and fits the viewport', { timeout: 240_000 }, async (t) => {
  const start = await openConsole('')
  await start.getByLabel('Secret of this engine').waitFor()
  await checkVisually(start, 'console-sign-in')
  await close(start)
  const page = await signedIn('/data')
  for (const [name, path, ready] of PAGES)
    await t.test(name, async () => {
      await goTo(page, path)
      await page.getByText(ready, { exact: true }).first().waitFor()
      await page.locator('[data-loading]').first().waitFor({ state: 'detached' })
      await checkVisually(page, `console-${name}`, GRAPHIQL)
    })
  await close(page)
})
