import { isClosed, type AnyStatus, type Status } from '@threefactor/shared'

/** Colours of the statuses in charts and bars; contrast of at least 3:1 on the surfaces of each colour scheme. */
export const COLOURS: Record<Status, { light: string; dark: string }> = {
  placed: { light: '#6f7783', dark: '#a3adb8' },
  refused: { light: '#d03b36', dark: '#ff857d' },
  validated: { light: '#a87800', dark: '#f0bd3e' },
  paid: { light: '#0f8a9d', dark: '#52c7da' },
  approved: { light: '#2d6cd2', dark: '#78adff' },
  assigned: { light: '#7350d2', dark: '#a991ff' },
  picked_up: { light: '#a93bb8', dark: '#e28bee' },
  delivered: { light: '#1e8a48', dark: '#64d18b' },
}

/** Colour of orders that were closed before they were delivered. */
const CLOSED = { light: '#8a5a44', dark: '#c9a08b' }

/** Returns the colour of a status as a CSS value for both colour schemes. */
export function colour(status: AnyStatus): string {
  const { light, dark } = isClosed(status) ? CLOSED : COLOURS[status]
  return `light-dark(${light}, ${dark})`
}
