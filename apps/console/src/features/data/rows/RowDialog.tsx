import { Checkbox, NativeSelect, Textarea } from '@mantine/core'
import { Dialog } from '@threefactor/shared/ui'
import { useState } from 'react'
import { Link } from 'wouter'

import { ActionForm } from '../../../common/ActionForm'
import { ConfirmedButton } from '../../../common/Confirmed'
import table from '../../../common/table.module.css'
import { keyOf, type Column, type Definition, type Relation } from '../../../engine/catalog'
import { useAction } from '../../../engine/context'
import type { Engine } from '../../../engine/engine'
import { displayName } from '../../../engine/sql'
import { tablePath } from '../paths'
import { ReferenceInput } from './ReferenceInput'
import { deleteSql, insertSql, updateSql, type Row } from './rowSql'

/** Runs a statement for one row. */
async function change(engine: Engine, sql: string): Promise<void> {
  const result = await engine.sql(sql, { checkMetadata: false })
  if (result?.rows[0]?.[0] !== '1')
    throw new Error('The row has been changed or deleted meanwhile. Close this dialog and refresh the rows.')
}

/** Form for a new row, or for one that exists. */
export function RowDialog({
  relation,
  definition,
  row,
  onClose,
}: {
  relation: Relation
  definition: Definition
  /** undefined for a new row. */
  row: Row | undefined
  onClose: () => void
}) {
  const columns = definition.columns.map(({ name }) => name)
  const key = keyOf(definition)
  const [values, setValues] = useState(new Map<string, string | null>())
  const save = useAction(
    (engine) =>
      change(engine, row ? updateSql(relation, columns, key, row, values) : insertSql(relation, values)),
    onClose,
  )
  const remove = useAction((engine) => change(engine, deleteSql(relation, columns, key, row ?? [])), onClose)
  return (
    <Dialog
      title={row ? `Row of ${displayName(relation)}` : `New row of ${displayName(relation)}`}
      onClose={onClose}
    >
      <ActionForm
        action={save}
        submit={row ? 'Save' : 'Insert'}
        failure="The row was not changed"
        error={save.error ?? remove.error}
        disabled={row !== undefined && values.size === 0}
        onCancel={onClose}
        buttons={
          row && (
            <ConfirmedButton
              title="Delete this row?"
              confirm="Delete the row"
              onConfirm={() => remove.mutate()}
              question="It cannot be restored."
            >
              Delete
            </ConfirmedButton>
          )
        }
      >
        {definition.columns
          .filter(({ generated }) => !generated)
          .map((column) => (
            <Field
              key={column.name}
              column={column}
              definition={definition}
              isNew={!row}
              value={values.has(column.name) ? values.get(column.name) : row?.[columns.indexOf(column.name)]}
              onChange={(value) => {
                const next = new Map(values)
                const before = row ? row[columns.indexOf(column.name)] : undefined
                if (value === before) next.delete(column.name)
                else next.set(column.name, value ?? null)
                if (value === undefined) next.delete(column.name)
                setValues(next)
              }}
            />
          ))}
      </ActionForm>
    </Dialog>
  )
}

/** Input for a value. `undefined` is the default of a new row. */
function Field({
  column,
  definition,
  isNew,
  value,
  onChange,
}: {
  column: Column
  definition: Definition
  isNew: boolean
  value: string | null | undefined
  onChange: (value: string | null | undefined) => void
}) {
  const foreign = definition.constraints.find(
    ({ kind, columns }) => kind === 'foreign key' && columns.length === 1 && columns[0] === column.name,
  )
  const reference = foreign?.target
  const referred = foreign?.targetColumns[0]
  const description = (
    <>
      {column.type}
      {reference && (
        <>
          {' · refers to '}
          <Link href={tablePath(reference)}>{displayName(reference)}</Link>
        </>
      )}
    </>
  )
  const words = column.type === 'boolean' ? ['true', 'false'] : column.words
  const isUnset = value === undefined
  const placeholder =
    value === null
      ? 'null'
      : isUnset
        ? column.default === null
          ? 'not set'
          : `default: ${column.default}`
        : ''
  return (
    <div className={table.row}>
      {words ? (
        <NativeSelect
          className={table.wide}
          label={column.name}
          description={description}
          data={['', ...words]}
          value={value ?? ''}
          onChange={(event) =>
            onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)
          }
        />
      ) : reference && referred !== undefined ? (
        <ReferenceInput
          label={column.name}
          description={description}
          placeholder={placeholder}
          target={reference}
          column={referred}
          value={value ?? ''}
          onChange={onChange}
        />
      ) : (
        <Textarea
          className={table.wide}
          label={column.name}
          description={description}
          placeholder={placeholder}
          rows={(value ?? '').length > 60 ? 4 : 1}
          value={value ?? ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      {column.nullable && (
        <Checkbox
          label="null"
          aria-label={`${column.name} is null`}
          checked={value === null}
          onChange={(event) => onChange(event.currentTarget.checked ? null : isNew ? undefined : '')}
        />
      )}
    </div>
  )
}
