import { expect, test } from 'vitest'

import { diff, hunks, type Line } from './diff'

const text = (lines: Line[] | undefined, kinds: Line['kind'][]) =>
  (lines ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text)
    .join('\n')

test('both texts can be read from a comparison', () => {
  for (const [before, after] of [
    ['a\nb\nc', 'a\nx\nc'],
    ['', 'a\nb'],
    ['a\nb', ''],
    ['a\nb\nc\nd', 'b\nc\nd\ne'],
    ['same', 'same'],
    ['a\na\na', 'a\na'],
  ] as const) {
    const lines = diff(before, after)
    expect(text(lines, ['same', 'removed'])).toBe(before)
    expect(text(lines, ['same', 'added'])).toBe(after)
  }
})

test('unchanged lines far from a change are left out', () => {
  const before = Array.from({ length: 50 }, (_, index) => String(index)).join('\n')
  const shown = hunks(diff(before, before.replace('25', 'new')) ?? [])
  expect(shown.filter(Boolean)).toHaveLength(8)
  expect(shown.filter((line) => line === undefined)).toHaveLength(2)
})

test('texts that differ in too many lines are not compared', () => {
  const many = (prefix: string) => Array.from({ length: 4000 }, (_, index) => `${prefix}${index}`).join('\n')
  expect(diff(many('a'), many('b'))).toBeUndefined()
})
