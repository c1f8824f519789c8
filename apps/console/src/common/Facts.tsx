import type { ReactNode } from 'react'

import { ActionsCell } from './ActionsCell'
import { Scroll } from './Scroll'
import table from './table.module.css'

/** Table of names with one value each. */
export function Facts({
  label,
  isCode = false,
  facts,
}: {
  /** Name of the region. */
  label: string
  /** Whether the values are SQL or other code. */
  isCode?: boolean
  facts: { name: string; value: ReactNode; actions?: ReactNode }[]
}) {
  const hasActions = facts.some(({ actions }) => actions !== undefined)
  return (
    <Scroll label={label}>
      <table className={`${table.table} ${table.facts}`}>
        <tbody>
          {facts.map(({ name, value, actions }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className={isCode ? table.code : undefined}>{value}</td>
              {hasActions && <ActionsCell>{actions}</ActionsCell>}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
