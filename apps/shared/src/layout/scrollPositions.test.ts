import { expect, test } from 'vitest'

import { memoryStorage } from '../session/memoryStorage.testing'
import { ScrollPositions, type Entries } from './scrollPositions'

/** History of several entries. */
function history() {
  const states: unknown[] = [null]
  let current = 0
  const entries: Entries = {
    get state() {
      return states[current]
    },
    replaceState: (state: unknown) => void (states[current] = state),
  }
  return {
    entries,
    push: () => {
      current = states.push(null) - 1
    },
    go: (to: number) => {
      current = to
    },
  }
}

test('each entry has its own position, in both directions', () => {
  const { entries, push, go } = history()
  const positions = new ScrollPositions(entries, memoryStorage())
  positions.set(500)
  push()
  expect(positions.get()).toBe(0)
  positions.set(300)
  go(0)
  expect(positions.get()).toBe(500)
  // Back changes the entry first; positions that are recorded afterwards belong to the one that is shown.
  positions.set(450)
  go(1)
  expect(positions.get()).toBe(300)
  go(0)
  expect(positions.get()).toBe(450)
})

test('positions survive a reload, and values of another form are ignored', () => {
  const { entries } = history()
  const storage = memoryStorage()
  const positions = new ScrollPositions(entries, storage)
  positions.set(500)
  positions.store()
  expect(new ScrollPositions(entries, storage).get()).toBe(500)
  for (const text of ['{', '7', '[["a"],7,null]']) {
    storage.setItem('3factor.scroll', text)
    expect(new ScrollPositions(entries, storage).get()).toBe(0)
  }
})

test('a replaced entry keeps the rest of its state, and the number of positions is bounded', () => {
  const { entries, push } = history()
  const positions = new ScrollPositions(entries, memoryStorage())
  entries.replaceState({ other: 1 }, '')
  positions.set(10)
  expect(entries.state).toMatchObject({ other: 1 })
  for (let n = 0; n < 100; n += 1) {
    push()
    positions.set(n)
  }
  expect(positions.get()).toBe(99)
})
