import { expect, test } from 'vitest'

import { memoryStorage } from './session/memoryStorage.testing'
import { forgetUser, readStored, userKey, writeStored } from './storage'

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

test('a stored value is read by the same user only', () => {
  const storage = memoryStorage()
  writeStored(storage, userKey('alice', 'address'), '5 Harbour View')
  expect(readStored(storage, userKey('alice', 'address'), text)).toBe('5 Harbour View')
  expect(readStored(storage, userKey('al', 'address'), text)).toBeUndefined()
})

test('values that do not have the expected form are ignored', () => {
  const storage = memoryStorage()
  const key = userKey('alice', 'address')
  for (const content of ['{"id":7}', '{', 'null', '7']) {
    storage.setItem(key, content)
    expect(readStored(storage, key, text), content).toBeUndefined()
  }
})

test('the values of a user are removed, those of others stay', () => {
  const storage = memoryStorage()
  writeStored(storage, userKey('alice', 'address'), 'A')
  writeStored(storage, userKey('alice', 'cart'), {})
  writeStored(storage, userKey('alice.b', 'address'), 'B')
  storage.setItem('user', 'of another app')
  forgetUser(storage, 'alice')
  expect(readStored(storage, userKey('alice', 'address'), text)).toBeUndefined()
  expect(readStored(storage, userKey('alice.b', 'address'), text)).toBe('B')
  expect(storage.getItem('user')).toBe('of another app')
})
