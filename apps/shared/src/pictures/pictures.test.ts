import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { DISH_PICTURES, RESTAURANT_PICTURES, STATE_PICTURES, symbolOf } from './keys'

const read = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
const colours = new Set(read('Picture.module.css').match(/--picture-[a-z0-9-]+(?=:)/g))

describe.each([
  ['dishes.svg', '0 0 96 96', [...DISH_PICTURES, 'dish']],
  ['restaurants.svg', '0 0 320 120', [...RESTAURANT_PICTURES, 'restaurant']],
  ['states.svg', '0 0 96 96', [...STATE_PICTURES]],
] as const)('%s', (name, viewBox, keys) => {
  const sprite = read(name)

  test('has one symbol per key', () => {
    const symbols = [...sprite.matchAll(/<symbol id="([^"]*)" viewBox="([^"]*)">/g)]
    expect(symbols.map(([, id]) => id).toSorted()).toEqual([...keys].toSorted())
    expect(new Set(symbols.map(([, , box]) => box))).toEqual(new Set([viewBox]))
    // A further id could collide, and would be a symbol without a key.
    expect(sprite.match(/\bid=/g)).toHaveLength(keys.length)
  })

  test('takes all colours from the style sheet', () => {
    const painted = [...sprite.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour ?? '')
    expect(painted.length).toBeGreaterThan(0)
    for (const colour of painted.filter((colour) => !['none', 'currentColor'].includes(colour))) {
      expect(colours).toContain(/^var\((.*)\)$/.exec(colour)?.[1])
    }
  })

  test('loads nothing and contains no script or style', () => {
    expect(sprite).not.toMatch(/href|url\(|<script|<style|<image|<text|\bon[a-z]+=/)
  })
})

test('each colour of the style sheet is used', () => {
  const sprites = ['dishes.svg', 'restaurants.svg', 'states.svg'].map(read).join('')
  for (const colour of colours) expect(sprites).toContain(`var(${colour})`)
})

test('missing and unknown keys have the generic picture', () => {
  expect(symbolOf('pizza', DISH_PICTURES, 'dish')).toBe('pizza')
  for (const key of [null, undefined, '', 'fondue', 'dish']) {
    expect(symbolOf(key, DISH_PICTURES, 'dish')).toBe('dish')
  }
})
