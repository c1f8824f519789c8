import { expect, test } from 'vitest'

import { progressEntries } from './progress'

const created = '2026-01-01T12:00:00.000000+00:00'

test('the placement comes first, then one entry per history row', () => {
  const entries = progressEntries(created, [
    {
      id: 7,
      at: '2026-01-01T12:00:00.012500+00:00',
      step: 'validate-order',
      outcome: 'validated',
      attempt: 0,
    },
    { id: 8, at: '2026-01-01T12:00:10.012500+00:00', step: 'payment', outcome: 'declined', attempt: 1 },
    { id: 9, at: '2026-01-01T12:00:20.012500+00:00', step: 'payment', outcome: 'paid', attempt: 2 },
    {
      id: 11,
      at: '2026-01-01T12:00:20.512500+00:00',
      step: 'restaurant-approval',
      outcome: 'approved',
      attempt: 3,
    },
    { id: 12, at: '2026-01-01T12:05:20.512500+00:00', step: 'pick-up', outcome: 'picked_up' },
  ])
  expect(entries.map(({ id, title, tone }) => [id, title, tone])).toEqual([
    [0, 'Order placed', 'good'],
    [7, 'Order checked', 'good'],
    [8, 'Card declined', 'bad'],
    [9, 'Payment accepted', 'good'],
    [11, 'Restaurant approved', 'good'],
    [12, 'Picked up by the driver', 'good'],
  ])
})

test('an entry shows the reason of a decline or the name of the driver', () => {
  const history = [
    { id: 1, at: created, step: 'payment', outcome: 'declined', attempt: 2 },
    { id: 2, at: created, step: 'agent-assignment', outcome: 'assigned', attempt: 0 },
  ]
  const details = {
    payments: [
      { attempt: 1, decline_code: 'expired_card' },
      { attempt: 2, decline_code: 'insufficient_funds' },
    ],
    driver: 'Lara',
  }
  expect(progressEntries(created, history, details).map(({ detail }) => detail)).toEqual([
    undefined,
    'Insufficient funds',
    'Lara',
  ])
})

test('a stolen or lost card is not disclosed', () => {
  const history = [{ id: 1, at: created, step: 'payment', outcome: 'declined', attempt: 1 }]
  for (const decline_code of ['stolen_card', 'lost_card']) {
    const [, entry] = progressEntries(created, history, { payments: [{ attempt: 1, decline_code }] })
    expect([entry?.title, entry?.detail]).toEqual(['Card declined', undefined])
  }
})

test('an unknown outcome has a neutral title', () => {
  const [, entry] = progressEntries(created, [
    { id: 1, at: created, step: 'agent-assignment', outcome: 'duplicate removed' },
  ])
  expect([entry?.title, entry?.tone]).toEqual(['Order updated', 'waiting'])
})

test('every step of the workflow has a title, and only the last assignment has the driver', () => {
  const rows = [
    'agent-assignment assigned',
    'agent-assignment declined',
    'agent-assignment no-answer',
    'agent-assignment released',
    'agent-assignment assigned',
    'cancellation cancelled',
    'restaurant-approval rejected',
    'expire-orders expired',
    'delivery failed',
    'refund-payment refunded',
  ].map((text, id) => {
    const [step = '', outcome = ''] = text.split(' ')
    return { id: id + 1, at: created, step, outcome }
  })
  const entries = progressEntries(created, rows, { driver: 'Zoe' })
  expect(entries.filter(({ title }) => title === 'Order updated')).toEqual([])
  expect(entries.filter(({ detail }) => detail === 'Zoe').map(({ id }) => id)).toEqual([5])
})
