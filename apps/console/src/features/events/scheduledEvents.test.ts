import { expect, test } from 'vitest'

import { eventsOf } from './eventLog'
import { eventsSql } from './scheduledEvents'

test('the next events, and the latest past ones, are listed first', () => {
  const coming = eventsSql("night's", 'pending', 3)
  expect(coming).toContain("trigger_name = 'night''s'")
  expect(coming).toContain("status IN ('scheduled', 'locked')")
  expect(coming).toContain('ORDER BY scheduled_time ASC, id LIMIT 3')
  const past = eventsSql(undefined, 'past', 100)
  expect(past).toContain('hdb_scheduled_events')
  expect(past).toContain('ORDER BY scheduled_time DESC, id LIMIT 100')
})

test('pending events are read in the order of their indexes', () => {
  const sql = eventsOf('a', 'pending', 100)
  expect(sql.match(/LIMIT 100/g)).toHaveLength(4)
  expect(sql).toContain("next_retry_at = 'infinity'")
  expect(eventsOf('a', 'failed', 100)).toContain('ORDER BY created_at DESC, id')
})
