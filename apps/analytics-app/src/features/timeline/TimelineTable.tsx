import { Table } from '@mantine/core'
import { EmptyState, STATUSES, clockTime } from '@threefactor/shared'

import { REACHED } from '../../common/stages'
import { eventful, type Bucket } from './series'
import classes from './TimelineTable.module.css'

/** The chart's figures, without the stretches in which nothing happened. */
export function TimelineTable({ buckets, words }: { buckets: readonly Bucket[]; words: string }) {
  const rows = eventful(buckets)
  if (rows.length === 0) return <EmptyState title={`Nothing happened in the ${words}`} />
  return (
    // Scrolls by itself; a keyboard can reach it for that.
    <div
      className={classes.scroll}
      tabIndex={0}
      role="region"
      aria-label="Orders reaching each state, as a table"
    >
      <Table className={classes.table} stickyHeader aria-label={`Orders reaching each state, ${words}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            {STATUSES.map((status) => (
              <Table.Th key={status} className={classes.figure}>
                {REACHED[status]}
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
                  {row[status]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
