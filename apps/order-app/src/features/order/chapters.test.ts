import { expect, test } from 'vitest'

import { story } from './chapters'

const created = '2026-01-01T12:00:00.000000+00:00'

test('each line tells the time since the one before, and which attempt', () => {
  const chapters = story(created, [
    {
      id: 7,
      at: '2026-01-01T12:00:00.012500+00:00',
      step: 'validate-order',
      outcome: 'validated',
      attempt: 0,
      event_id: 'e',
    },
    { id: 8, at: '2026-01-01T12:00:10.012500+00:00', step: 'payment', outcome: 'declined', attempt: 1 },
    { id: 9, at: '2026-01-01T12:00:20.012500+00:00', step: 'payment', outcome: 'paid', attempt: 2 },
    {
      id: 11,
      at: '2026-01-01T12:00:20.512500+00:00',
      step: 'restaurant-approval',
      outcome: 'approved',
      attempt: 3,
      event_id: 'f',
    },
    { id: 12, at: '2026-01-01T12:05:20.512500+00:00', step: 'pick-up', outcome: 'picked_up' },
  ])
  expect(chapters.map(({ title, since, attempt, tone }) => [title, since, attempt, tone])).toEqual([
    ['Order placed', undefined, undefined, 'good'],
    ['Order checked', 12.5, 'attempt 1', 'good'],
    ['Card declined', 10_000, 'attempt 1', 'bad'],
    ['Payment accepted', 10_000, 'attempt 2', 'good'],
    ['Restaurant approved', 500, 'attempt 4', 'good'],
    ['Picked up by the driver', 300_000, undefined, 'good'],
  ])
})

test('the other tables add why, and who', () => {
  const rows = [
    { id: 1, at: created, step: 'payment', outcome: 'declined', attempt: 2 },
    { id: 2, at: created, step: 'agent-assignment', outcome: 'assigned', attempt: 0, event_id: 'e' },
  ]
  const background = {
    payments: [
      { attempt: 1, decline_code: 'expired_card' },
      { attempt: 2, decline_code: 'insufficient_funds' },
    ],
    driver: 'Lara',
  }
  expect(story(created, rows, background).map(({ detail }) => detail)).toEqual([
    undefined,
    'insufficient funds',
    'Lara',
  ])
})

test('a word that this app does not know is shown as it is', () => {
  const [, chapter] = story(created, [
    { id: 1, at: created, step: 'agent-assignment', outcome: 'duplicate removed' },
  ])
  expect(chapter?.title).toBe('agent-assignment: duplicate removed')
})
