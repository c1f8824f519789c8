import { useMemo } from 'react'

import table from '../../common/table.module.css'
import classes from './Comparison.module.css'
import { diff, hunks } from './diff'

/** Changed lines between two JSON values. */
export function Comparison({ before, after }: { before: unknown; after: unknown }) {
  const lines = useMemo(() => diff(sortedJson(before), sortedJson(after)), [before, after])
  if (!lines) return <p className={table.hint}>The two differ in too many lines to show them.</p>
  const changes = lines.filter(({ kind }) => kind !== 'same')
  if (changes.length === 0) return <p className={table.hint}>The file is the same as the present metadata.</p>
  return (
    <div className={classes.diff} role="group" aria-label="Changes of the metadata" tabIndex={0}>
      {hunks(lines).map((line, index) =>
        line ? (
          <div key={index} className={classes.line} data-kind={line.kind}>
            <span aria-hidden>{line.kind === 'added' ? '+' : line.kind === 'removed' ? '−' : ' '} </span>
            {line.kind !== 'same' && <span className={table.hidden}>{line.kind}: </span>}
            {line.text}
          </div>
        ) : (
          <div key={index} className={classes.gap}>
            …
          </div>
        ),
      )}
    </div>
  )
}

/** JSON with sorted keys, so that their order is not a difference. */
function sortedJson(value: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    )
  }
  return JSON.stringify(sorted(value), null, 2)
}
