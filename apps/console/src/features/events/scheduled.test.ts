import { expect, test } from 'vitest'

import { NEW_CONTENT, contentArgs, isComplete, scheduledProblem } from './scheduled'

test('the request and its retries are sent', () => {
  const content = {
    webhook: ' {{FUNCTIONS_URL}}/expire-orders ',
    payload: '{"a": 1}',
    retries: '3',
    headers: [{ name: 'x-webhook-secret', value: 'WEBHOOK_SECRET', fromEnvironment: true }],
  }
  expect(isComplete(content)).toBe(true)
  expect(contentArgs(content)).toEqual({
    webhook: '{{FUNCTIONS_URL}}/expire-orders',
    payload: { a: 1 },
    retry_conf: { num_retries: 3 },
    headers: [{ name: 'x-webhook-secret', value_from_env: 'WEBHOOK_SECRET' }],
  })
})

test('what cannot be sent is named', () => {
  expect(isComplete(NEW_CONTENT)).toBe(false)
  const content = { ...NEW_CONTENT, webhook: 'https://example.com' }
  expect(scheduledProblem({ ...content, retries: '-1' })).toBe('Enter a whole number.')
  const header = { name: 'a', value: '', fromEnvironment: false }
  expect(scheduledProblem({ ...content, headers: [header] })).toContain('header')
  expect(isComplete({ ...content, payload: '{' })).toBe(false)
})
