import type { ReactNode } from 'react'

import table from './table.module.css'

/** Region that scrolls sideways if its table is wider than the page. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={table.scroll} tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  )
}
