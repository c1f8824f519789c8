import { Skeleton } from '@mantine/core'

import classes from './Tiles.module.css'

/** One figure with its name. */
export interface Tile {
  name: string
  /** Undefined until it is loaded. */
  value: string | undefined
  /** Keeps its space while it is undefined; tiles without the property have no line for it. */
  detail?: string | undefined
}

/** Figures side by side. */
export function Tiles({ title, tiles }: { title: string; tiles: readonly Tile[] }) {
  return (
    <section aria-label={title}>
      <dl className={classes.tiles}>
        {tiles.map((tile) => (
          <div key={tile.name} className={classes.tile} data-figure={tile.name}>
            <dt className={classes.name}>{tile.name}</dt>
            <dd className={classes.value}>{tile.value ?? <Skeleton height="1.9rem" width="5rem" />}</dd>
            {'detail' in tile && <dd className={classes.detail}>{tile.detail}</dd>}
          </div>
        ))}
      </dl>
    </section>
  )
}
