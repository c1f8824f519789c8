import { Table } from '@mantine/core'
import { EmptyState, STATUSES, clockTime, integerText } from '@threefactor/shared'

import { common } from '../../texts/common'
import { timeline as texts } from '../../texts/timeline'
import { nonEmpty, type Bucket } from './series'
import classes from './TimelineTable.module.css'

/** Data of the chart as a table, without empty intervals. */
export function TimelineTable({ buckets, label }: { buckets: readonly Bucket[]; label: string }) {
  const rows = nonEmpty(buckets)
  if (rows.length === 0) return <EmptyState title={texts.none(label)} />
  return (
    // Focusable, so that it can be scrolled with the keyboard.
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={common.asTable(texts.title)}>
      <Table className={classes.table} stickyHeader aria-label={texts.tableOf(label)}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{texts.from}</Table.Th>
            {STATUSES.map((status) => (
              <Table.Th key={status} className={classes.figure}>
                {common.stages[status]}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.bucket}>
              <Table.Th scope="row">{clockTime(row.bucket)}</Table.Th>
              {STATUSES.map((status) => (
                <Table.Td key={status} className={classes.figure} data-reached={status}>
                  {integerText(row[status])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
