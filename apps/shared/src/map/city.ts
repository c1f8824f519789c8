// The city of the map: a square of 100 × 100 units, drawn beyond its edges, so that a view near an edge is filled too.
// Blocks of buildings repeat; what makes a place recognisable is drawn once.

/** Distance of two streets; a tile of the pattern has as many blocks as there are different ones. */
export const BLOCK = 10
/** Blocks per side of a tile. */
export const TILE_BLOCKS = 4

/** Extent that is drawn. */
export const EXTENT = { min: -60, max: 160 }

/** Buildings of a block, as rectangles in its coordinates: x, y, width, height. Streets take one unit on each side. */
const BLOCKS: readonly (readonly [number, number, number, number])[][] = [
  [
    [1.3, 1.3, 3.2, 2.8],
    [5.2, 1.3, 3.4, 4.2],
    [1.3, 5, 3.2, 3.6],
    [5.2, 6.3, 3.4, 2.3],
  ],
  [
    [1.3, 1.3, 7.3, 2.4],
    [1.3, 4.5, 2.6, 4.1],
    [4.7, 4.5, 3.9, 4.1],
  ],
  [
    [1.3, 1.3, 2.4, 7.3],
    [4.5, 1.3, 4.1, 2.2],
    [6.4, 4.2, 2.2, 4.4],
    [4.5, 4.2, 1.2, 4.4],
  ],
  [
    [1.3, 1.3, 4.6, 4.6],
    [6.6, 1.3, 2, 7.3],
    [1.3, 6.6, 4.6, 2],
  ],
  [
    [1.3, 1.3, 3.4, 3.4],
    [5.3, 1.3, 3.3, 3.4],
    [1.3, 5.3, 7.3, 3.3],
  ],
]

/** Returns the outline of the buildings of one tile. Each row begins with another block, so that the repetition is not seen. */
export function housesOfTile(): string {
  return Array.from({ length: TILE_BLOCKS * TILE_BLOCKS }, (_, index) => {
    const [column, row] = [index % TILE_BLOCKS, Math.floor(index / TILE_BLOCKS)]
    const houses = BLOCKS[(column + row * 3) % BLOCKS.length] ?? []
    return houses
      .map(([x, y, width, height]) => {
        const at = `${round(column * BLOCK + x)} ${round(row * BLOCK + y)}`
        return `M${at}h${width}v${height}h${-width}z`
      })
      .join('')
  }).join('')
}

/** Returns the middle lines of the streets of one tile. */
export function streetsOfTile(): string {
  const size = BLOCK * TILE_BLOCKS
  return Array.from({ length: TILE_BLOCKS }, (_, index) => {
    const at = index * BLOCK
    return `M${at} 0V${size}M0 ${at}H${size}`
  }).join('')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** River, from the west to the south-east. */
export const RIVER = 'M-60 22C-30 30-12 58 14 55S44 34 64 42s24 34 44 40 30 4 54 18'

/** Avenues, which cross the river on bridges: along the streets, and a boulevard across them. */
export const AVENUES = ['M-60 30H160', 'M-60 70H160', 'M30-60V160', 'M70-60V160', 'M-60 140L160-44']

/** Parks, each the outline of a group of blocks. */
export const PARKS = [
  'M41 1h18v18H41z',
  'M81 51h18v18H81z',
  'M1 81h28v18H1z',
  'M-39 1h18v28h-18z',
  'M101 11h28v18h-28z',
]

/** Ponds in the parks. */
export const PONDS = ['M46 12c2-4 8-3 9 0s-3 5-6 4-4-1-3-4z', 'M8 92c3-4 11-4 13-1s-4 6-8 5-7-1-5-4z']

/** Trees: x, y, radius. */
export const TREES: readonly (readonly [number, number, number])[] = [
  [44, 5, 1.5],
  [48.5, 4, 1.2],
  [56, 5.5, 1.7],
  [43.5, 15.5, 1.4],
  [84, 55, 1.6],
  [89, 53.5, 1.2],
  [95.5, 56, 1.7],
  [86, 64.5, 1.5],
  [93, 65.5, 1.3],
  [5, 85, 1.6],
  [13, 84, 1.3],
  [24.5, 85, 1.8],
  [25, 95, 1.4],
  [4, 96, 1.2],
  [106, 16, 1.6],
  [113, 24, 1.4],
  [122, 17, 1.8],
]
