import { expect, test } from 'vitest'

import { ASPECT, pointAt, viewOf, type Point } from './camera'

const contains = (points: Point[]) => {
  const { x, y, width, height } = viewOf(points)
  return points.every((point) => point.x > x && point.x < x + width && point.y > y && point.y < y + height)
}

test('the view contains all points and keeps its shape', () => {
  for (const points of [
    [{ x: 28, y: 34 }],
    [
      { x: 0, y: 0 },
      { x: 100, y: 100 },
    ],
    [
      { x: 50, y: 5 },
      { x: 52, y: 95 },
      { x: 51, y: 40 },
    ],
  ]) {
    expect(contains(points), JSON.stringify(points)).toBe(true)
    const { width, height } = viewOf(points)
    expect(width / height).toBeCloseTo(ASPECT)
  }
})

test('the view stays while a driver moves within it', () => {
  const [restaurant, home] = [
    { x: 20, y: 20 },
    { x: 80, y: 60 },
  ]
  const views = [0.1, 0.4, 0.9].map((share) =>
    viewOf([restaurant, home, { x: 20 + 60 * share, y: 20 + 40 * share }]),
  )
  expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(1)
})

test('a touched point is that of the view, and within the city', () => {
  const view = { x: -10, y: 0, width: 120, height: 60 }
  const map = { left: 100, top: 50, width: 240, height: 120 }
  expect(pointAt(view, map, 220, 110)).toEqual({ x: 50, y: 30 })
  expect(pointAt(view, map, 101, 900)).toEqual({ x: 0, y: 100 })
})
