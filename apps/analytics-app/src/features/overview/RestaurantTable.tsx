import { Table } from '@mantine/core'
import { EmptyState, LoadingState, Panel, integerText, money } from '@threefactor/shared'
import { Link } from 'wouter'

import type { NonNullRow } from '../../common/nonNull'
import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import { moneyText, netRevenue, notAccepted, timeText, type Figures } from '../figures/figures'
import { DEFAULT_RANGE, type Range } from '../figures/ranges'
import classes from './StepTimes.module.css'

type Row = NonNullRow<Figures, 'restaurant_id' | 'restaurant'>

/** Figures of each restaurant; its name selects it for the page. */
export function RestaurantTable({
  rows,
  range,
  selected,
}: {
  rows: readonly Row[] | undefined
  range: Range
  selected: number | undefined
}) {
  return (
    <Panel title={common.restaurants} aside={<span className={classes.aside}>{common.ranges[range]}</span>}>
      {!rows && <LoadingState rows={6} label={common.loadingRestaurants} />}
      {rows?.length === 0 && <EmptyState title={common.noRestaurants} />}
      {rows && rows.length > 0 && (
        <div
          className={classes.scroll}
          role="region"
          aria-label={common.asTable(common.restaurants)}
          tabIndex={0}
        >
          <Table className={classes.table} horizontalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.restaurant}</Table.Th>
                {COLUMNS.map(([name]) => (
                  <Table.Th key={name} className={classes.figure}>
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.restaurant_id} data-restaurant={row.restaurant_id}>
                  <Table.Th scope="row" className={classes.step}>
                    <Link
                      href={addressOf(row.restaurant_id, range)}
                      aria-current={row.restaurant_id === selected || undefined}
                    >
                      {row.restaurant}
                    </Link>
                  </Table.Th>
                  {COLUMNS.map(([name, text]) => (
                    <Table.Td key={name} className={classes.figure}>
                      {text(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Panel>
  )
}

const COLUMNS: [string, (row: Row) => string][] = [
  [texts.columns.orders, ({ orders }) => integerText(orders ?? 0)],
  [texts.columns.revenue, (row) => money(netRevenue(row))],
  [texts.columns.average, ({ average_total }) => moneyText(average_total)],
  [texts.columns.duration, ({ median_ms }) => timeText(median_ms)],
  [texts.columns.notAccepted, (row) => integerText(notAccepted(row))],
  [texts.columns.refunded, ({ refunded }) => money(refunded ?? 0)],
]

function addressOf(restaurant: number, range: Range): string {
  const params = new URLSearchParams({
    ...(range !== DEFAULT_RANGE && { range }),
    restaurant: String(restaurant),
  })
  return `/?${params.toString()}`
}
