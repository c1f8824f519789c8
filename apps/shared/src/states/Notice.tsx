import { CircleAlert, Clock } from 'lucide-react'
import type { ReactNode } from 'react'

import classes from './Notice.module.css'

/** Highlighted message: an error (`bad`) or a reason for waiting (`waiting`). */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: 'bad' | 'waiting'
  /** Not given where the heading of the page says the same. */
  title?: string
  children: ReactNode
}) {
  const Icon = tone === 'bad' ? CircleAlert : Clock
  return (
    <div className={classes.notice} data-tone={tone} role="alert">
      <Icon size={20} aria-hidden className={classes.icon} />
      <div>
        {title !== undefined && <p className={classes.title}>{title}</p>}
        <div className={classes.content}>{children}</div>
      </div>
    </div>
  )
}
