import { useId, type ReactNode } from 'react'

import classes from './Panel.module.css'

/** Section with a heading. */
export function Panel({
  title,
  aside,
  children,
}: {
  title: string
  /** Placed at the right end of the heading. */
  aside?: ReactNode
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
