import { useEffect, useRef, type ReactNode } from 'react'

import classes from './PageTitle.module.css'
import { setPageTitle } from './pageState'

/** Heading of a page. Sets the window title, and receives the focus after navigation within the app. */
export function PageTitle({
  title,
  subtitle,
  children,
}: {
  title: string
  subtitle?: ReactNode
  /** Placed at the right end. */
  children?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    setPageTitle(title)
  }, [title])
  // Not when the title of the same page changes, for example with the status of an order.
  useEffect(() => {
    // On the first page of a visit the browser's initial focus is kept.
    if (visited) heading.current?.focus({ preventScroll: true })
    visited = true
  }, [])
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
