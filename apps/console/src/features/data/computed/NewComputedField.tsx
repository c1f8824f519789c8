import { NativeSelect, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionForm } from '../../../common/ActionForm'
import table from '../../../common/table.module.css'
import { useFields } from '../../../common/useFields'
import { useAction } from '../../../engine/context'
import { sessionArguments, signatureOf, type DatabaseFunction } from '../../../engine/functions'
import { displayName, type TableName } from '../../../engine/sql'
import { argsOf, candidatesFor, rowArguments } from './computedField'

/** Form for a computed field: the functions that get a row of the table can be chosen. */
export function NewComputedField({
  table: of,
  functions,
}: {
  table: TableName
  functions: DatabaseFunction[]
}) {
  const { fields, set, text, reset } = useFields({
    name: '',
    functionName: '',
    rowArgument: '',
    sessionArgument: '',
    comment: '',
  })
  const candidates = candidatesFor(of, functions)
  const chosen = candidates.find((candidate) => displayName(candidate) === fields.functionName)
  const add = useAction(
    (engine) => engine.metadata('pg_add_computed_field', chosen && argsOf(of, chosen, fields)),
    reset,
  )
  const rows = chosen ? rowArguments(of, chosen) : []
  const sessions = chosen ? sessionArguments(chosen) : []
  return (
    <Panel title="New computed field">
      {candidates.length === 0 ? (
        <p className={table.hint}>
          No function has an argument of the type {displayName(of)}. Create one with SQL, for example{' '}
          <code>CREATE FUNCTION f({of.name}) RETURNS text STABLE LANGUAGE sql …</code>
        </p>
      ) : (
        <ActionForm
          action={add}
          submit="Add computed field"
          failure="The computed field was not added"
          isSecondary
          disabled={!chosen || fields.name.trim() === ''}
        >
          <div className={table.row}>
            <TextInput label="Name" {...text('name')} />
            <NativeSelect
              label="Function"
              data={['', ...candidates.map(displayName)]}
              value={fields.functionName}
              onChange={({ currentTarget: { value } }) =>
                set({ functionName: value, rowArgument: '', sessionArgument: '' })
              }
            />
            {rows.length > 1 && (
              <NativeSelect
                label="Argument with the row"
                data={[{ value: '', label: 'the first one' }, ...rows]}
                {...text('rowArgument')}
              />
            )}
            {sessions.length > 0 && (
              <NativeSelect
                label="Argument with the session variables"
                data={[{ value: '', label: 'none' }, ...sessions]}
                {...text('sessionArgument')}
              />
            )}
          </div>
          {chosen && <p className={table.code}>{signatureOf(chosen)}</p>}
          <TextInput label="Comment" {...text('comment')} />
        </ActionForm>
      )}
    </Panel>
  )
}
