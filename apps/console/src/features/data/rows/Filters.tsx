import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'

import table from '../../../common/table.module.css'
import { OPERATORS, type Filter, type Operator } from './rowSql'

/** Conditions that all shown rows meet. */
export function Filters({
  columns,
  filters,
  onChange,
}: {
  columns: string[]
  filters: Filter[]
  onChange: (filters: Filter[]) => void
}) {
  const [draft, setDraft] = useState<Filter>({ column: columns[0] ?? '', operator: '=', value: '' })
  const needsValue = !draft.operator.endsWith('null')
  return (
    <div className={table.stack}>
      <form
        className={table.row}
        aria-label="Filter"
        onSubmit={(event) => {
          event.preventDefault()
          onChange([...filters, draft])
          setDraft({ ...draft, value: '' })
        }}
      >
        <NativeSelect
          label="Column"
          data={columns}
          value={draft.column}
          onChange={(event) => setDraft({ ...draft, column: event.currentTarget.value })}
        />
        <NativeSelect
          label="Condition"
          data={Object.entries(OPERATORS).map(([value, label]) => ({ value, label }))}
          value={draft.operator}
          onChange={(event) => setDraft({ ...draft, operator: event.currentTarget.value as Operator })}
        />
        {needsValue && (
          <TextInput
            label="Value"
            value={draft.value}
            onChange={(event) => setDraft({ ...draft, value: event.currentTarget.value })}
          />
        )}
        <Button type="submit" variant="default">
          Add filter
        </Button>
      </form>
      {filters.length > 0 && (
        <div className={table.row} role="group" aria-label="Active filters">
          {filters.map((filter, index) => (
            <Button
              key={index}
              variant="light"
              title="Remove this filter"
              onClick={() => onChange(filters.filter((_, other) => other !== index))}
            >
              {filter.column} {OPERATORS[filter.operator]} {filter.value} ×
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}
