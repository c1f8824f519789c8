import { expect, test } from 'vitest'

import { funnel, percent } from './funnel'

test('each stage is compared with all orders and with the stage before', () => {
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
  expect(stages.map((stage) => stage.ofAll)).toEqual([1, 0.5, 0.4, 0.4, 0.3, 0, 0])
  expect(stages.map((stage) => stage.ofBefore)).toEqual([undefined, 0.5, 0.8, 1, 0.75, 0, undefined])
})

test('no orders are no division by zero', () => {
  for (const stage of funnel([])) {
    expect([stage.reached, stage.ofAll, stage.ofBefore]).toEqual([0, 0, undefined])
  }
})

test('more at a stage than before it, as when an order is paid before it is validated, stays a share of all', () => {
  const stages = funnel([
    { status: 'placed', count: 0, reached: 2 },
    { status: 'validated', count: 0, reached: 1 },
    { status: 'paid', count: 0, reached: 2 },
  ])
  expect([stages[2]?.ofAll, stages[2]?.ofBefore]).toEqual([1, 2])
})

test('percentages do not round to a wrong certainty', () => {
  expect([0, 0.001, 0.5, 0.986, 0.999, 1].map(percent)).toEqual([
    '0 %',
    '<1 %',
    '50 %',
    '99 %',
    '>99 %',
    '100 %',
  ])
})
