import { useEffect, useRef, type ReactNode } from 'react'

import classes from './PageTitle.module.css'

/** A page's heading. Also names the window, and takes the focus when the page is reached from another one. */
export function PageTitle({
  title,
  subtitle,
  children,
}: {
  title: string
  subtitle?: ReactNode
  /** At the right end. */
  children?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title
    // Not on the first page of a visit: there the browser's own start is right.
    if (visited) heading.current?.focus({ preventScroll: true })
    visited = true
  }, [title])
  return (
    <div className={classes.row}>
      <div>
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h1>
        {subtitle && <p className={classes.subtitle}>{subtitle}</p>}
      </div>
      {children && <div className={classes.side}>{children}</div>}
    </div>
  )
}

let visited = false
