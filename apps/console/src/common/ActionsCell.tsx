import type { ReactNode } from 'react'

import table from './table.module.css'

/** Cell of a row with its buttons. */
export function ActionsCell({ children }: { children: ReactNode }) {
  return (
    <td>
      <span className={table.actions}>{children}</span>
    </td>
  )
}
