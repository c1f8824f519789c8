import { expect, test } from 'vitest'

import { reason } from './reasons'

const stuck = (
  next_step: string | null,
  last_step: string | null = null,
  last_outcome: string | null = null,
) => reason({ next_step, last_step, last_outcome })

test('an order that waits for the restaurant can be approved', () => {
  expect(stuck('restaurant-approval', 'restaurant-approval', 'waiting').text).toContain(
    'approves orders manually',
  )
  expect(stuck('restaurant-approval', 'payment', 'paid').text).toContain('not responded')
  expect(stuck('restaurant-approval', 'payment', 'paid').remedy).toBe('approve')
})

test('an order without a driver needs an available driver', () => {
  expect(stuck('agent-assignment', 'agent-assignment', 'waiting').remedy).toBe('drivers')
  expect(stuck('agent-assignment', 'restaurant-approval', 'approved').remedy).toBe('wait')
})

test('an order whose driver is late goes to another driver, or is closed by staff', () => {
  expect(stuck('pick-up', 'agent-assignment', 'accepted').remedy).toBe('drivers')
  expect(stuck('delivery', 'pick-up', 'picked_up').remedy).toBe('work')
})

test('an order that is not validated has no history', () => {
  expect(stuck('validate-order').text).toContain('validation function')
})

test('a closed order waits for the return of its payment', () => {
  expect(stuck('refund-payment', 'payment', 'paid').text).toContain('not been returned')
})

test('an unknown step has no remedy', () => {
  expect(stuck('something-new').remedy).toBe('wait')
  expect(stuck(null).remedy).toBe('wait')
})
