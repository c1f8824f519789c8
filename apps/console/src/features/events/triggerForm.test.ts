import { expect, test } from 'vitest'

import { argsOf, emptyFields, fieldsOf, problemsOf } from './triggerForm'
import type { Trigger } from './triggers'

const trigger: Trigger = {
  name: 'validate-order',
  table: { schema: 'public', name: 'orders' },
  definition: {
    enable_manual: false,
    insert: { columns: '*' },
    update: { columns: ['paid'], payload: ['order_id'] },
  },
  webhook: '{{FUNCTIONS_URL}}/validate-order',
  retry_conf: {
    num_retries: 3,
    interval_sec: 5,
    timeout_sec: 30,
    initial_interval_sec: 1,
    max_interval_sec: 120,
    jitter_percent: 25,
  },
  headers: [{ name: 'secret', value_from_env: 'SECRET' }],
  paused: true,
  cleanup_config: { schedule: '0 0 * * *' },
  request_transform: { version: 2 },
}

test('saving an unchanged form keeps the whole definition', () => {
  const args = argsOf(fieldsOf(trigger), trigger.table, trigger)
  expect(args).toMatchObject({
    replace: true,
    insert: { columns: '*' },
    update: { columns: ['paid'], payload: ['order_id'] },
    delete: null,
    enable_manual: false,
    webhook: '{{FUNCTIONS_URL}}/validate-order',
    webhook_from_env: null,
    retry_conf: {
      num_retries: 3,
      interval_sec: 5,
      timeout_sec: 30,
      initial_interval_sec: 1,
      max_interval_sec: 120,
      jitter_percent: 25,
    },
    headers: [{ name: 'secret', value_from_env: 'SECRET' }],
    paused: true,
    cleanup_config: { schedule: '0 0 * * *' },
    request_transform: { version: 2 },
  })
})

test('each field that is missing is named', () => {
  expect(Object.keys(problemsOf(emptyFields())).sort()).toEqual(['name', 'table', 'webhook'])
  expect(problemsOf({ ...fieldsOf(trigger), retries: '-1', name: '1x' })).toHaveProperty('retries')
  expect(problemsOf(fieldsOf(trigger))).toEqual({})
})
