import { Skeleton } from '@mantine/core'

import classes from './Tiles.module.css'

/** One figure with its name. */
export interface Tile {
  name: string
  /** Undefined until it is loaded. */
  value: string | undefined
  detail?: string | undefined
}

/** Figures side by side. */
export function Tiles({ title, tiles }: { title: string; tiles: readonly Tile[] }) {
  return (
    <section aria-label={title}>
      <dl className={classes.tiles}>
        {tiles.map(({ name, value, detail }) => (
          <div key={name} className={classes.tile} data-figure={name}>
            <dt className={classes.name}>{name}</dt>
            <dd className={classes.value}>{value ?? <Skeleton height="1.9rem" width="5rem" />}</dd>
            <dd className={classes.detail}>{detail}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
