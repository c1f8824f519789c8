import type { ReactNode } from 'react'

import { Scroll } from './Scroll'
import table from './table.module.css'

/** Column of numbers, or of the buttons of a row; a name alone is a column of texts. */
type Column = string | { name: string; kind: 'number' | 'actions' }

/** Table with headings, in a region that scrolls sideways if it is wider than the page. */
export function Table({
  label,
  columns,
  children,
}: {
  /** Name of the region. */
  label: string
  columns: Column[]
  /** Rows. */
  children: ReactNode
}) {
  return (
    <Scroll label={label}>
      <table className={table.table}>
        <thead>
          <tr>
            {columns.map((column) => {
              const { name, kind } = typeof column === 'string' ? { name: column, kind: undefined } : column
              return (
                <th key={name} scope="col" className={kind === 'number' ? table.number : undefined}>
                  {kind === 'actions' ? <span className={table.actions}>{name}</span> : name}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  )
}
