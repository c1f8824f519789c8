import { statusLook, type Status } from '@threefactor/shared'

import type { Filter } from './filter'
import classes from './StatusFilter.module.css'

/** One button per status that there is, with its number. */
export function StatusFilter({
  counts,
  all,
  value,
  onChange,
}: {
  counts: ReadonlyMap<Status, number>
  all: number
  value: Filter
  onChange: (filter: Filter) => void
}) {
  const shown = new Map(counts)
  // What is chosen stays there to be left again, also when no order has that status any more.
  if (value !== 'all' && !shown.has(value)) shown.set(value, 0)
  const options: [Filter, string, number][] = [
    ['all', 'All', all],
    ...[...shown].map(([status, count]): [Filter, string, number] => [
      status,
      statusLook(status).label,
      count,
    ]),
  ]
  return (
    <div className={classes.filter} role="group" aria-label="Filter by status">
      {options.map(([filter, label, count]) => (
        <button
          key={filter}
          type="button"
          className={classes.option}
          aria-pressed={filter === value}
          onClick={() => onChange(filter)}
        >
          {label} <span className={classes.count}>{count}</span>
        </button>
      ))}
    </div>
  )
}
