import { Panel } from '@threefactor/shared/ui'

import { ActionsCell } from '../../../common/ActionsCell'
import { CascadeFailure } from '../../../common/CascadeFailure'
import { ConfirmedButton } from '../../../common/Confirmed'
import { Details } from '../../../common/Details'
import { Loaded } from '../../../common/Loaded'
import { Table } from '../../../common/Table'
import table from '../../../common/table.module.css'
import { useAction, useEntry } from '../../../engine/context'
import { signatureOf } from '../../../engine/functions'
import { displayName, isSameTable, type TableName } from '../../../engine/sql'
import { useFunctions } from '../../../engine/useCatalog'
import { FunctionDefinition } from '../FunctionDefinition'
import { NewComputedField } from './NewComputedField'

/** Fields of a table whose values functions compute from the row. */
export function ComputedFieldsTab({ table: { schema, name: relation } }: { table: TableName }) {
  const of = { schema, name: relation }
  const fields = useEntry(of)?.computed_fields ?? []
  const functions = useFunctions()
  const drop = useAction((engine, args: { name: string; cascade?: boolean }) =>
    engine.metadata('pg_drop_computed_field', { table: of, ...args }),
  )
  return (
    <Loaded query={functions} label="Loading the functions">
      {(functions) => (
        <>
          <Panel title="Computed fields">
            <div className={table.stack}>
              <CascadeFailure action={drop} title="The computed field was not removed" />
              <Table
                label="Computed fields"
                columns={['Name', 'Function', 'Comment']}
                hasActions
                empty="No computed fields yet"
              >
                {fields.map(({ name, definition, comment }) => {
                  const known = functions.find((other) => isSameTable(other, definition.function))
                  return (
                    <tr key={name}>
                      <td>{name}</td>
                      <td>
                        {displayName(definition.function)}{' '}
                        {known && <span className={table.code}>{signatureOf(known)}</span>}
                        {definition.session_argument && (
                          <p className={table.hint}>session variables: {definition.session_argument}</p>
                        )}
                        <Details summary={`Definition of ${displayName(definition.function)}`}>
                          <FunctionDefinition name={definition.function} />
                        </Details>
                      </td>
                      <td>{comment}</td>
                      <ActionsCell>
                        <ConfirmedButton
                          label={`Remove ${name}`}
                          title={`Remove ${name}?`}
                          confirm="Remove"
                          onConfirm={() => drop.mutate({ name })}
                          question="Queries that use the field fail then. The function stays in the database."
                        >
                          Remove
                        </ConfirmedButton>
                      </ActionsCell>
                    </tr>
                  )
                })}
              </Table>
            </div>
          </Panel>
          <NewComputedField table={of} functions={functions} />
        </>
      )}
    </Loaded>
  )
}
