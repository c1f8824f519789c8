// Events by the clock: cron triggers and one-off events, made, edited and observed in the console.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { metadata, query, sql } from './harness/admin.ts'
import { close } from './harness/browser.ts'
import { button, signedIn } from './harness/console.ts'

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9/none'

interface CronTriggers {
  cron_triggers: Record<string, unknown>[]
}

test('a cron trigger is created, edited in place, and its calls are shown', async () => {
  const page = await signedIn('/events/cron')
  const form = page.getByRole('region', { name: 'New cron trigger' })
  await form.getByLabel('Name', { exact: true }).fill('nightly')
  await form.getByLabel('Schedule').fill('0 3 * * *')
  await form.getByLabel('Webhook', { exact: true }).fill(NOWHERE)
  await form.getByLabel('Payload (JSON)').fill('{"kind": "nightly"}')
  await button(form, 'Create cron trigger').click()

  const panel = page.getByRole('region', { name: 'nightly', exact: true })
  await panel.getByText('scheduled', { exact: true }).first().waitFor()
  await button(panel, 'Edit nightly').click()
  await panel.getByLabel('Schedule').fill('0 25 * * *')
  await button(panel, 'Save cron trigger').click()
  await panel.getByText('The cron trigger was not changed').waitFor()
  await panel.getByLabel('Schedule').fill('0 4 * * *')
  await panel.getByLabel('Time zone').fill('Europe/Rome')
  await panel.getByLabel('Time limit in seconds').fill('5')
  await button(panel, 'Save cron trigger').click()
  await panel.getByText('0 4 * * * (Europe/Rome)').waitFor()
  const { cron_triggers: stored } = await query<CronTriggers>('get_cron_triggers', {})
  assert.deepEqual(
    stored.map(({ name, schedule, timezone, webhook, payload, retry_conf }) => ({
      name,
      schedule,
      timezone,
      webhook,
      payload,
      retry_conf,
    })),
    [
      {
        name: 'nightly',
        schedule: '0 4 * * *',
        timezone: 'Europe/Rome',
        webhook: NOWHERE,
        payload: { kind: 'nightly' },
        retry_conf: {
          num_retries: 0,
          retry_interval_seconds: 10,
          timeout_seconds: 5,
          tolerance_seconds: 21600,
        },
      },
    ],
  )

  // An event that is due now fails; the newest past event is listed, and its call.
  await sql(
    "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time) VALUES ('nightly', now())",
  )
  await sql(
    "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status) SELECT 'nightly', now() - make_interval(days => n), 'delivered' FROM generate_series(1, 30) AS n",
  )
  await panel.getByText('Calls of the webhook').click()
  const calls = panel.getByRole('group', { name: 'List of invocations' })
  while ((await calls.count()) === 0) {
    await button(panel, 'Refresh').click()
    await page.waitForTimeout(100)
  }
  await calls.getByText('no response').waitFor()
  await page.reload()
  await panel.getByRole('cell', { name: 'failed', exact: true }).waitFor()
  await button(panel, 'Show 20 more').click()
  await button(panel, 'Show 20 more').waitFor({ state: 'detached' })
  await button(panel, 'Delete nightly').click()
  await button(page, 'Delete the cron trigger').click()
  await page.getByText('No cron triggers yet').waitFor()
  await close(page)
})

test('a trigger whose webhook is in a variable is shown', async () => {
  await metadata('create_cron_trigger', {
    name: 'variable',
    webhook: { from_env: 'FUNCTIONS_URL' },
    schedule: '0 3 * * *',
    include_in_metadata: true,
  })
  const page = await signedIn('/events/cron')
  await page.getByText('from the variable FUNCTIONS_URL').waitFor()
  await metadata('delete_cron_trigger', { name: 'variable' })
  await close(page)
})

test('a one-off event is created and cancelled, and the call for another one is shown', async () => {
  const page = await signedIn('/events/one-off')
  const create = async (time: string, comment: string) => {
    await page.getByLabel('Time', { exact: true }).fill(time)
    await page.getByLabel('Comment', { exact: true }).fill(comment)
    await page.getByLabel('Webhook', { exact: true }).fill(NOWHERE)
    await button(page, 'Create event').click()
  }
  await create('2090-01-01T00:00:00', 'much later')
  const later = page.getByRole('row').filter({ hasText: 'much later' })
  await button(later, 'Cancel').click()
  await button(page, 'Cancel the event').click()
  await later.waitFor({ state: 'detached' })
  const now = await page.evaluate(() => {
    const local = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000)
    return local.toISOString().slice(0, 19)
  })
  await create(now, 'at once')
  await page.getByText('Past', { exact: true }).click()
  const past = page.getByRole('row').filter({ hasText: 'at once' })
  await past.getByRole('cell', { name: 'failed', exact: true }).waitFor()
  await past.getByText('Calls of the webhook').click()
  await past.getByText('no response').waitFor()
  await close(page)
})
