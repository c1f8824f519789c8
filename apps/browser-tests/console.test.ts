// The guide, walked in the console from an empty database; rows, faults and large databases.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { close, openConsole } from './harness/browser.ts'
import { button, openLink, runQuery, runSql, secret, signedIn, typeQuery } from './harness/console.ts'
import { canInjectFaults, graphql, injectFault, pay, until } from './harness/stack.ts'

const ROOT = join(import.meta.dirname, '../..')

interface TriggerOptions {
  name: string
  operation: 'Insert' | 'Update'
  columns: string[]
}

async function createTrigger(page: Page, { name, operation, columns }: TriggerOptions): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Events' }).click()
  await openLink(page, 'New event trigger')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Table', { exact: true }).selectOption('orders')
  if (operation === 'Update') {
    await page.getByLabel('Insert', { exact: true }).uncheck()
    await page.getByLabel('Update', { exact: true }).check()
    for (const column of columns) await page.getByLabel(column, { exact: true }).check()
  }
  await page.getByLabel('Webhook', { exact: true }).fill(`{{FUNCTIONS_URL}}/${name}`)
  await page.getByLabel('Retries', { exact: true }).fill('3000')
  await page.getByLabel('Interval of retries in seconds').fill('30')
  await button(page, 'Add header').click()
  await page.getByLabel('Header', { exact: true }).fill('x-webhook-secret')
  await page.getByRole('group', { name: 'Headers' }).getByLabel('From the environment').check()
  await page.getByLabel('Variable', { exact: true }).fill('WEBHOOK_SECRET')
  await button(page, 'Create event trigger').click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

test('a wrong secret is refused, and the right one opens the console', async () => {
  const page = await openConsole('')
  await button(page, 'Sign in').click()
  await page.getByText('Enter the admin secret.').waitFor()
  await page.getByLabel('Secret of this engine').fill('wrong')
  await button(page, 'Sign in').click()
  await page.getByText('The engine refused this secret.').waitFor()
  await page.getByLabel('Secret of this engine').fill(secret)
  await button(page, 'Sign in').click()
  await page.getByRole('heading', { name: 'GraphQL' }).waitFor()
  assert.equal(await page.evaluate(() => localStorage.getItem('admin-secret')), null)
  await button(page, 'Sign out').click()
  await page.getByLabel('Secret of this engine').waitFor()
  await close(page)
})

/** Replaces the query in the editor and runs it; returns the response. */
async function run(page: Page, query: string): Promise<string> {
  await typeQuery(page, query)
  return runQuery(page)
}

test('the guide is walked in the console, from an empty database', { timeout: 240_000 }, async () => {
  const page = await signedIn('/data/sql')
  // Step 1: the model.
  await runSql(page, await readFile(join(ROOT, 'schema.sql'), 'utf8'), false)

  // Step 2: tables and relationships, an order.
  await openLink(page, 'Overview')
  await button(page, 'Track all').click()
  await page.getByText('All tables and views of the schema public are tracked').waitFor()
  await button(page, 'Add all relationships').click()
  await page.getByText('No foreign key suggests another relationship').waitFor()

  // Step 4: the event triggers.
  await createTrigger(page, { name: 'validate-order', operation: 'Insert', columns: [] })
  await createTrigger(page, { name: 'restaurant-approval', operation: 'Update', columns: ['payment_valid'] })
  await createTrigger(page, {
    name: 'agent-assignment',
    operation: 'Update',
    columns: ['approved', 'reassignments'],
  })

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'API' }).click()
  const placed = await run(
    page,
    `mutation {
      insert_orders_one(object: {order_id: "o-1", user_id: "alice", address: "1 Main St", restaurant_id: 1}) { status }
      insert_items_one(object: {order_id: "o-1", item: "pizza"}) { id }
    }`,
  )
  assert.match(placed, /"status": ?"placed"/)
  // The order is watched: the editor shows each state as it comes.
  const state = '{ orders_by_pk(order_id: "o-1") { status order_history(order_by: {id: asc}) { outcome } } }'
  await typeQuery(page, `subscription ${state}`)
  await page.getByRole('button', { name: /^Execute query/ }).click()
  const shown = page.locator('.result-window .view-line')
  await shown.filter({ hasText: /"status":\s*"validated"/ }).waitFor()
  assert.equal(await pay('o-1', 500, 'alice'), 200)
  await shown.filter({ hasText: /"status":\s*"assigned"/ }).waitFor()
  await page.getByRole('button', { name: /^Stop query/ }).click()
  assert.match(await run(page, state), /validated.*paid.*approved.*assigned/s)

  // The plan of the query.
  await page.getByRole('button', { name: /^Explain/ }).click()
  await page.getByLabel('Plan of orders_by_pk').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()

  // The query, stored for a REST endpoint or the allow list.
  await page.getByRole('button', { name: /^Save query/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name of the collection').fill('guide')
  await dialog.getByLabel('Name of the query').fill('order')
  await button(dialog, 'Add query').click()
  await dialog.waitFor({ state: 'detached' })

  // The events of the order, one delivered again.
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Events' }).click()
  await openLink(page, 'validate-order')
  await page.getByText('Delivered', { exact: true }).click()
  await page.locator('[data-event]').waitFor()
  await page.getByLabel(/^Select event/).check()
  await button(page, 'Redeliver selected').click()
  const invocations = page.getByRole('region', { name: 'Invocations' })
  await page.waitForFunction(() => document.querySelector('[data-event] td:nth-child(4)') !== null)
  for (;;) {
    await invocations.getByRole('button', { name: 'Refresh' }).click()
    if ((await invocations.getByText('Request and response').count()) === 2) break
    await page.waitForTimeout(200)
  }

  // Step 6: a role sees its own orders.
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Data' }).click()
  await page
    .getByRole('complementary')
    .getByLabel(/tables and views$/)
    .fill('orders')
  await page.getByRole('complementary').getByRole('link', { name: 'orders', exact: true }).click()
  await openLink(page, 'Permissions')
  await page.getByLabel('New role').fill('customer')
  await button(page, 'Add role').click()
  await button(page, 'customer may select none').click()
  await button(page, 'Add condition').click()
  const conditions = page.getByRole('group', { name: 'Conditions' })
  await conditions.getByLabel('Column').selectOption('user_id')
  const columns = page.getByRole('group', { name: 'Columns', exact: true })
  await columns.getByLabel('All', { exact: true }).check()
  await button(page, 'Save permission').click()
  await button(page, 'customer may select some rows').waitFor()
  const view = page.getByRole('region', { name: 'View as a role' })
  const variables = view.getByLabel('Session variables')
  await variables.fill('user-id: alice')
  await view.getByRole('button', { name: 'Show rows' }).click()
  await view.getByText('1 row', { exact: true }).waitFor()
  await variables.fill('user-id: bob')
  await view.getByRole('button', { name: 'Show rows' }).click()
  await view.getByText('The role sees no rows').waitFor()
  await close(page)
})

test('a paused trigger keeps its events, of which one is cancelled', async () => {
  const page = await signedIn('/events/trigger/validate-order')
  await button(page, 'Pause delivery').click()
  await button(page.getByRole('dialog'), 'Pause delivery').click()
  await page.getByText('The delivery is paused').waitFor()
  for (const id of ['o-2', 'o-3'])
    await graphql(
      'mutation ($id: String!) { insert_orders_one(object: {order_id: $id, user_id: "bob", address: "2 Main St", restaurant_id: 1}) { status } insert_items_one(object: {order_id: $id, item: "pizza"}) { id } }',
      { id },
    )
  const events = page.locator('[data-event]')
  await events.nth(1).waitFor()
  await events.filter({ hasText: '"order_id": "o-2"' }).getByRole('checkbox').check()
  await button(page, 'Cancel selected').click()
  await button(page, 'Cancel the events').click()
  await events.nth(1).waitFor({ state: 'detached' })
  // An event that is made by hand waits, too.
  await page.getByLabel('New row of the event (JSON)').fill('{"order_id": "by-hand"}')
  await button(page, 'Invoke').click()
  await events.filter({ hasText: '"by-hand"' }).waitFor()
  await button(page, 'Resume delivery').click()
  await button(page, 'Pause delivery').waitFor()
  await until('o-3 is validated', async () => {
    const { orders } = await graphql<{ orders: { order_id: string; status: string }[] }>(
      '{ orders(where: {user_id: {_eq: "bob"}}, order_by: {order_id: asc}) { order_id status } }',
    )
    return orders[0]?.status === 'placed' && orders[1]?.status === 'validated'
  })
  await close(page)
})

test('rows are inserted, filtered, edited and deleted', async () => {
  const page = await signedIn('/data/sql')
  await runSql(
    page,
    'CREATE TABLE note (id serial PRIMARY KEY, text text, done boolean NOT NULL DEFAULT false)',
  )
  await page
    .getByRole('complementary')
    .getByLabel(/tables and views$/)
    .fill('note')
  await page.getByRole('complementary').getByRole('link', { name: 'note', exact: true }).click()
  for (const text of ["it's 100%", 'second']) {
    await button(page, 'Insert row').click()
    await page.getByRole('dialog').getByLabel('text', { exact: true }).fill(text)
    await page.getByRole('dialog').getByRole('button', { name: 'Insert' }).click()
    await page.getByRole('cell', { name: text, exact: true }).waitFor()
  }
  const filter = page.getByRole('form', { name: 'Filter' })
  await filter.getByLabel('Column').selectOption('text')
  await filter.getByLabel('Condition').selectOption('contains')
  await filter.getByLabel('Value').fill('100%')
  await button(page, 'Add filter').click()
  await page.getByRole('cell', { name: 'second', exact: true }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Edit row 1' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('done', { exact: true }).selectOption('true')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: 'true', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Edit row 1' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await button(page, 'Delete the row').click()
  await page.getByText('No rows').waitFor()
  await close(page)
})

test('a refused command, a lost engine and its restart are shown', { skip: !canInjectFaults }, async () => {
  const page = await signedIn('/data/sql')
  await page.getByLabel('SQL', { exact: true }).fill('SELECT * FROM nothing')
  await button(page, 'Run').click()
  await page.getByText(/relation "nothing" does not exist/).waitFor()
  await injectFault('engine stop')
  try {
    await page.getByLabel('SQL', { exact: true }).fill('SELECT 1 AS one')
    await button(page, 'Run').click()
    await page.getByText('The engine does not respond. Check that it runs, then try again.').waitFor()
  } finally {
    await injectFault('engine start')
  }
  await button(page, 'Run').click()
  await page.getByRole('cell', { name: '1', exact: true }).waitFor()
  await close(page)
})

test('metadata is compared before it is imported', async () => {
  const page = await signedIn('/settings')
  await page.getByText('All objects are consistent').waitFor()
  const metadata = { version: 3, sources: [{ name: 'default', kind: 'postgres', tables: [] }] }
  await page.getByLabel('File with metadata').setInputFiles({
    name: 'metadata.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(metadata)),
  })
  await page.getByRole('group', { name: 'Changes of the metadata' }).waitFor()
  await button(page, 'Cancel').click()
  await page.getByLabel('File with metadata').setInputFiles({
    name: 'broken.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{'),
  })
  await page.getByText(/broken.json is not JSON/).waitFor()
  await close(page)
})

test('many tables and rows stay usable', async () => {
  const page = await signedIn('/data/sql')
  const sql = `DO $$ BEGIN FOR n IN 1..1000 LOOP EXECUTE format('CREATE TABLE many.t%s (id int)', n); END LOOP; END $$`
  await runSql(
    page,
    `CREATE SCHEMA many; ${sql}; CREATE TABLE big (id int PRIMARY KEY);
      INSERT INTO big SELECT generate_series(1, 1000000); ANALYZE big`,
    false,
  )
  const names = page.getByRole('complementary')
  await names.getByLabel(/tables and views$/).fill('t999')
  await names.getByRole('link', { name: /many\.t999/ }).waitFor()
  // Only what is visible is rendered.
  await names.getByLabel(/tables and views$/).fill('')
  assert.ok((await names.getByRole('listitem').count()) < 60)
  await names.getByLabel(/tables and views$/).fill('big')
  await names.getByRole('link', { name: /^big/ }).click()
  await page.getByText(/^About 1,000,000 rows$/).waitFor()
  const rows = page.getByRole('group', { name: 'Rows' })
  await rows.getByRole('cell', { name: '1', exact: true }).waitFor()
  assert.ok((await rows.getByRole('row').count()) < 100)
  for (let page = 0; page < 3; page++) await rows.evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await page.getByRole('button', { name: 'id', exact: true }).click()
  await page.getByRole('button', { name: 'id', exact: true }).click()
  await rows.getByRole('cell', { name: '1000000', exact: true }).waitFor()
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Data' }).click()
  await close(page)
})
