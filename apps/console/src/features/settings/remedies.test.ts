import { expect, test } from 'vitest'

import { remedyOf } from './remedies'

test('the remedy depends on the kind of the object and on the reason', () => {
  const remedy = (type: string, reason = '') => remedyOf({ type, reason })
  expect(remedy('table')).toContain('untrack')
  expect(remedy('object_relation')).toContain('foreign key')
  expect(remedy('select_permission')).toContain('columns and condition')
  expect(remedy('inherited role permission inconsistency')).toContain('of its own')
  expect(remedy('endpoint')).toContain('REST endpoints')
  expect(remedy('remote_schema')).toContain('does not support')
  expect(remedy('event_trigger', "environment variable 'HOOK' not set")).toContain('Set the variable')
  expect(remedy('another')).toContain('reload the metadata')
})
