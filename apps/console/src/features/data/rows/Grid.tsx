import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef } from 'react'

import { Empty } from '../../../common/Empty'
import table from '../../../common/table.module.css'
import type { Column } from '../../../engine/catalog'
import classes from './Grid.module.css'
import type { Row, Sort } from './rowSql'

/** Height of a row in pixels. */
const ROW = 48
/** Characters of a value that are shown. */
const MAX_TEXT = 120

/** Rows of which only the visible ones are rendered; more are loaded when the last one comes into view. */
export function Grid({
  columns,
  rows,
  sort,
  onSort,
  hasMore,
  isLoading,
  onMore,
  onOpen,
}: {
  columns: Column[]
  rows: Row[]
  sort: Sort | undefined
  onSort: (sort: Sort | undefined) => void
  hasMore: boolean
  isLoading: boolean
  onMore: () => void
  /** Opens a row for editing. */
  onOpen?: (row: Row) => void
}) {
  const scroll = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler of React is not used
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 10,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && !isLoading && last >= rows.length - 20) onMore()
  }, [hasMore, isLoading, last, rows.length, onMore])
  const before = items[0]?.start ?? 0
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  return (
    <div ref={scroll} className={classes.scroll} tabIndex={0} role="group" aria-label="Rows">
      <table className={`${table.table} ${classes.grid}`} aria-rowcount={hasMore ? -1 : rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {onOpen && (
              <th scope="col">
                <span className={table.hidden}>Edit</span>
              </th>
            )}
            {columns.map(({ name, type }) => {
              const sorted = sort?.column === name ? sort : undefined
              return (
                <th
                  key={name}
                  scope="col"
                  aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button
                    type="button"
                    className={classes.sort}
                    title={type}
                    onClick={() =>
                      onSort(
                        sorted?.descending ? undefined : { column: name, descending: sorted !== undefined },
                      )
                    }
                  >
                    {name}
                    {sorted &&
                      (sorted.descending ? (
                        <ArrowDown size={14} aria-hidden />
                      ) : (
                        <ArrowUp size={14} aria-hidden />
                      ))}
                  </button>
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr style={{ height: before }} aria-hidden />}
          {items.map(({ index }) => {
            const row = rows[index]
            return (
              row && (
                <tr key={index} aria-rowindex={index + 2} className={classes.row}>
                  {onOpen && (
                    <td className={classes.edit}>
                      <button type="button" className={classes.open} onClick={() => onOpen(row)}>
                        Edit<span className={table.hidden}> row {index + 1}</span>
                      </button>
                    </td>
                  )}
                  {row.map((value, column) => (
                    <td key={column} className={classes.cell}>
                      {value === null ? <span className={table.null}>null</span> : short(value)}
                    </td>
                  ))}
                </tr>
              )
            )
          })}
          {after > 0 && <tr style={{ height: after }} aria-hidden />}
        </tbody>
      </table>
      {rows.length === 0 && <Empty title="No rows" />}
    </div>
  )
}

function short(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
