import { integerText, statusStyle, type AnyStatus } from '@threefactor/shared'

import { orders as texts } from '../../texts/orders'
import type { Filter } from './filter'
import classes from './StatusFilter.module.css'

/** One button per existing status, with its number of orders. */
export function StatusFilter({
  counts,
  all,
  value,
  onChange,
}: {
  counts: ReadonlyMap<AnyStatus, number>
  all: number
  value: Filter
  onChange: (filter: Filter) => void
}) {
  const shown = new Map(counts)
  // The selected filter stays visible even if no order has that status, so that it can be cleared.
  if (value !== 'all' && !shown.has(value)) shown.set(value, 0)
  const options: [Filter, string, number][] = [
    ['all', texts.all, all],
    ...[...shown].map(([status, count]): [Filter, string, number] => [
      status,
      statusStyle(status).label,
      count,
    ]),
  ]
  return (
    <div className={classes.filter} role="group" aria-label={texts.filter}>
      {options.map(([filter, label, count]) => (
        <button
          key={filter}
          type="button"
          className={classes.option}
          aria-pressed={filter === value}
          onClick={() => onChange(filter)}
        >
          {label} <span className={classes.count}>{integerText(count)}</span>
        </button>
      ))}
    </div>
  )
}
