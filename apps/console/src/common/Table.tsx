import { Children, type ReactNode } from 'react'

import { Empty } from './Empty'
import { Scroll } from './Scroll'
import table from './table.module.css'

/** Column of numbers; a name alone is a column of texts. */
type Column = string | { name: string; kind: 'number' }

/** Table with headings, in a region that scrolls sideways if it is wider than the page. */
export function Table({
  label,
  columns,
  hasActions = false,
  empty,
  children,
}: {
  /** Name of the region. */
  label: string
  columns: Column[]
  /** Whether the last cell of each row contains buttons. */
  hasActions?: boolean
  /** Shown instead of a table without rows. */
  empty?: string
  /** Rows. */
  children: ReactNode
}) {
  if (empty !== undefined && Children.count(children) === 0) return <Empty title={empty} />
  return (
    <Scroll label={label}>
      <table className={table.table}>
        <thead>
          <tr>
            {columns.map((column) => {
              const { name, kind } = typeof column === 'string' ? { name: column, kind: undefined } : column
              return (
                <th key={name} scope="col" className={kind === 'number' ? table.number : undefined}>
                  {name}
                </th>
              )
            })}
            {hasActions && (
              <th scope="col">
                <span className={table.actions}>Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  )
}
