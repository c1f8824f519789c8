import { Panel } from '@threefactor/shared/ui'
import type { ComponentProps, ReactNode } from 'react'

import { Failure } from './Failure'
import { Table } from './Table'
import table from './table.module.css'

/** Panel with a table whose rows have actions. The reason of an action that failed is shown above it. */
export function ListPanel({
  title,
  aside,
  error,
  failure,
  before,
  after,
  label = title,
  ...props
}: Omit<ComponentProps<typeof Table>, 'label' | 'hasActions'> & {
  title: string
  /** Buttons beside the title. */
  aside?: ReactNode
  /** Error of an action. */
  error: unknown
  /** Title of the message if an action fails. */
  failure: string
  before?: ReactNode
  after?: ReactNode
  /** Name of the table; the title if it is absent. */
  label?: string
}) {
  return (
    <Panel title={title} aside={aside}>
      <div className={table.stack}>
        <Failure error={error} title={failure} />
        {before}
        <Table label={label} hasActions {...props} />
        {after}
      </div>
    </Panel>
  )
}
