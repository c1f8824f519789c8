import { expect, test } from 'vitest'

import { funnel } from './funnel'

test('each stage has its share of the previous stage', () => {
  const stages = funnel([
    { status: 'placed', count: 3, reached: 10 },
    { status: 'refused', count: 2, reached: 2 },
    { status: 'validated', count: 1, reached: 5 },
    { status: 'paid', count: 0, reached: 4 },
    { status: 'approved', count: 1, reached: 4 },
    { status: 'assigned', count: 3, reached: 3 },
    { status: 'picked_up', count: 0, reached: 0 },
    { status: 'delivered', count: 0, reached: 0 },
  ])
  expect(stages.map(({ status, reached }) => [status, reached])).toEqual([
    ['placed', 10],
    ['validated', 5],
    ['paid', 4],
    ['approved', 4],
    ['assigned', 3],
    ['picked_up', 0],
    ['delivered', 0],
  ])
  expect(stages.map((stage) => stage.ofBefore)).toEqual([undefined, 0.5, 0.8, 1, 0.75, 0, undefined])
})

test('no stage divides by zero orders', () => {
  for (const stage of funnel([])) {
    expect([stage.reached, stage.ofBefore]).toEqual([0, undefined])
  }
})

test('the share is more than 1 if orders are paid before they are validated', () => {
  const stages = funnel([
    { status: 'placed', count: 0, reached: 2 },
    { status: 'validated', count: 0, reached: 1 },
    { status: 'paid', count: 0, reached: 2 },
  ])
  expect(stages[2]?.ofBefore).toBe(2)
})
