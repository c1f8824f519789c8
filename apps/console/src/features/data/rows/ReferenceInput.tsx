import { TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId, useState, type ReactNode } from 'react'

import table from '../../../common/table.module.css'
import { useEngine } from '../../../engine/context'
import type { TableName } from '../../../engine/sql'
import { referencesSql, type Reference } from './rowSql'

/** Input for a value that refers to a row of another table: suggests the values that exist there. */
export function ReferenceInput({
  label,
  description,
  placeholder,
  target,
  column,
  value,
  onChange,
}: {
  label: string
  description: ReactNode
  placeholder: string
  target: TableName
  /** Column of the target that the value is compared with. */
  column: string
  value: string
  onChange: (value: string) => void
}) {
  const engine = useEngine()
  const list = useId()
  const [wasUsed, setWasUsed] = useState(false)
  const text = useDeferredValue(value)
  const { data = [] } = useQuery({
    queryKey: ['references', target.schema, target.name, column, text],
    enabled: wasUsed,
    queryFn: () => engine.json<Reference[]>(referencesSql(target, column, text)),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <TextInput
        className={table.wide}
        label={label}
        description={description}
        placeholder={placeholder}
        list={list}
        value={value}
        onFocus={() => setWasUsed(true)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={list}>
        {data.map(({ key, row }) => (
          <option key={key} value={key}>
            {row}
          </option>
        ))}
      </datalist>
    </>
  )
}
