import { CircleAlert, Clock } from 'lucide-react'
import type { ReactNode } from 'react'

import classes from './Notice.module.css'

/** A box that wants to be noticed: what went wrong (`bad`), or what is being waited for (`waiting`). */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: 'bad' | 'waiting'
  title: string
  children: ReactNode
}) {
  const Icon = tone === 'bad' ? CircleAlert : Clock
  return (
    <div className={classes.notice} data-tone={tone} role="alert">
      <Icon size={20} aria-hidden className={classes.icon} />
      <div>
        <p className={classes.title}>{title}</p>
        <div>{children}</div>
      </div>
    </div>
  )
}
