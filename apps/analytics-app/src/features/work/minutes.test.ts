import { expect, test } from 'vitest'

import { minuteChoices } from './minutes'

test('the present minutes are among the choices, once and in their place', () => {
  expect(minuteChoices(12)).toEqual([5, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90])
  expect(minuteChoices(20)).toEqual([5, 10, 15, 20, 25, 30, 40, 50, 60, 90])
  expect(minuteChoices(240).at(-1)).toBe(240)
})
