import { expect, test } from 'vitest'

import { addUnsent, sendUnsent } from './unsentSteps'

test('all unsent steps are sent, and a failure is reported', async () => {
  const sent: string[] = []
  const step = (name: string, success: boolean) =>
    addUnsent(() => {
      sent.push(name)
      return Promise.resolve(success)
    })
  expect(await sendUnsent()).toBe(true)
  const removeFirst = step('first', true)
  const removeSecond = step('second', false)
  expect(await sendUnsent()).toBe(false)
  expect(sent).toEqual(['first', 'second'])
  removeSecond()
  expect(await sendUnsent()).toBe(true)
  removeFirst()
})
