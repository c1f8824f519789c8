import { expect, test } from 'vitest'

import type { CronTrigger } from '../../engine/metadata'
import { NEW_CONTENT, contentArgs, cronArgs, cronFieldsOf, isComplete, webhookText } from './scheduled'

const RETRIES = {
  num_retries: 3,
  retry_interval_seconds: 10,
  timeout_seconds: 60,
  tolerance_seconds: 21600,
}

test('the request and its retries are sent', () => {
  const content = {
    ...NEW_CONTENT,
    webhook: ' {{FUNCTIONS_URL}}/expire-orders ',
    payload: '{"a": 1}',
    retries: '3',
    headers: [{ name: 'x-webhook-secret', value: 'WEBHOOK_SECRET', fromEnvironment: true }],
  }
  expect(isComplete(content)).toBe(true)
  expect(contentArgs(content)).toEqual({
    webhook: '{{FUNCTIONS_URL}}/expire-orders',
    payload: { a: 1 },
    retry_conf: RETRIES,
    headers: [{ name: 'x-webhook-secret', value_from_env: 'WEBHOOK_SECRET' }],
  })
  const variable = { ...content, webhook: 'URL', webhookFromEnvironment: true }
  expect(contentArgs(variable).webhook).toEqual({ from_env: 'URL' })
})

test('what cannot be sent is not complete', () => {
  expect(isComplete(NEW_CONTENT)).toBe(false)
  const content = { ...NEW_CONTENT, webhook: 'https://example.com' }
  expect(isComplete(content)).toBe(true)
  expect(isComplete({ ...content, retries: '-1' })).toBe(false)
  expect(isComplete({ ...content, tolerance: '' })).toBe(false)
  expect(isComplete({ ...content, headers: [{ name: 'a', value: '', fromEnvironment: false }] })).toBe(false)
  expect(isComplete({ ...content, payload: '{' })).toBe(false)
})

test('saving an unchanged form keeps the whole cron trigger', () => {
  const trigger: CronTrigger & { response_transform: unknown } = {
    name: 'nightly',
    webhook: { from_env: 'NIGHTLY_URL' },
    schedule: '0 3 * * *',
    payload: { a: [1] },
    retry_conf: { ...RETRIES, timeout_seconds: 5 },
    headers: [{ name: 'secret', value_from_env: 'SECRET' }],
    comment: 'at night',
    include_in_metadata: false,
    timezone: 'Europe/Rome',
    response_transform: { version: 2 },
  }
  expect(cronArgs(cronFieldsOf(trigger), trigger)).toEqual({ ...trigger, replace: true })
  const plain: CronTrigger = { ...trigger, payload: null }
  expect(cronArgs(cronFieldsOf(plain), plain).payload).toBeNull()
  const changed = { ...cronFieldsOf(trigger), schedule: '0 4 * * *', comment: '', timezone: '' }
  const args = cronArgs(changed, trigger)
  expect(args).toMatchObject({ schedule: '0 4 * * *', webhook: { from_env: 'NIGHTLY_URL' } })
  expect(args).not.toHaveProperty('comment')
  expect(args).not.toHaveProperty('timezone')
  expect(cronArgs(cronFieldsOf({ name: 'a', webhook: 'b', schedule: 'c' }))).toMatchObject({
    include_in_metadata: true,
    replace: false,
  })
})

test('the webhook is displayed', () => {
  expect(webhookText('https://example.com')).toBe('https://example.com')
  expect(webhookText({ from_env: 'URL' })).toBe('from the variable URL')
})
