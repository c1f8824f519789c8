import { Checkbox, TextInput } from '@mantine/core'
import { Dialog } from '@threefactor/shared/ui'
import { useId } from 'react'

import { ActionForm } from '../../../common/ActionForm'
import { CascadeFailure } from '../../../common/CascadeFailure'
import table from '../../../common/table.module.css'
import { useFields } from '../../../common/useFields'
import type { Column, Relation } from '../../../engine/catalog'
import { needsCascade } from '../../../engine/errors'
import { NEW_COLUMN, addColumnSql, alterColumnSql, fieldsOf } from './columnSql'
import { useSql } from './useSql'

/** Types that are suggested; every type of Postgres can be entered. */
const TYPES = [
  'text',
  'integer',
  'bigint',
  'numeric',
  'boolean',
  'timestamp with time zone',
  'date',
  'uuid',
  'jsonb',
  'double precision',
  'bytea',
]

/** Form for a new column, or for one that exists. The statements are shown below it. */
export function ColumnDialog({
  relation,
  column,
  onClose,
}: {
  relation: Relation
  /** undefined for a new column. */
  column: Column | undefined
  onClose: () => void
}) {
  const { fields, text, check } = useFields(column ? fieldsOf(column) : NEW_COLUMN)
  const types = useId()
  const sql = column ? alterColumnSql(relation, column, fields) : addColumnSql(relation, fields)
  const isComplete = fields.name.trim() !== '' && fields.type.trim() !== ''
  const save = useSql(onClose)
  return (
    <Dialog title={column ? `Column ${column.name}` : 'New column'} onClose={onClose}>
      <ActionForm
        action={{ ...save, mutate: () => save.mutate({ sql }) }}
        submit={column ? 'Save column' : 'Add column'}
        failure="The column was not changed"
        error={needsCascade(save.error) ? undefined : save.error}
        disabled={!isComplete || sql === ''}
        onCancel={onClose}
      >
        {needsCascade(save.error) && <CascadeFailure action={save} title="The column was not changed" />}
        <TextInput label="Name" autoFocus {...text('name')} />
        <TextInput label="Type" list={types} {...text('type')} />
        <datalist id={types}>
          {TYPES.map((type) => (
            <option key={type} value={type} />
          ))}
        </datalist>
        <TextInput
          label="Default"
          description="An SQL expression, such as 0, 'new' or now()."
          placeholder="none"
          disabled={column?.generated === true}
          {...text('default')}
        />
        <div className={table.row}>
          <Checkbox label="Can be null" {...check('nullable')} />
          <Checkbox label="Unique" {...check('unique')} />
        </div>
        <TextInput label="Comment" description="Description of the field in the API." {...text('comment')} />
        {isComplete && sql !== '' && (
          <pre className={table.block} tabIndex={0} aria-label="Statements">
            {sql}
          </pre>
        )}
      </ActionForm>
    </Dialog>
  )
}
