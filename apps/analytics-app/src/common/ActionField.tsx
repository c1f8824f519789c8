import { Problem } from '@threefactor/shared'
import type { ReactNode } from 'react'

import classes from './ActionField.module.css'

/** A control that acts at once, with the reason for which its last action failed. */
export function ActionField({ problem, children }: { problem: string | undefined; children: ReactNode }) {
  return (
    <div className={classes.field}>
      {children}
      <Problem message={problem} />
    </div>
  )
}
