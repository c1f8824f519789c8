import { Button, Checkbox } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionForm } from '../../../common/ActionForm'
import { Choices } from '../../../common/Choices'
import { ConfirmedButton } from '../../../common/Confirmed'
import { JsonField } from '../../../common/JsonField'
import { useFields } from '../../../common/useFields'
import type { Definition } from '../../../engine/catalog'
import { useAction } from '../../../engine/context'
import { permissionsOf, type Operation, type TableEntry } from '../../../engine/metadata'
import { displayName } from '../../../engine/sql'
import { ConditionBuilder } from './ConditionBuilder'
import { fieldsOf, isValid, permissionOf } from './permissionForm'
import { Presets } from './Presets'
import { SelectOptions } from './SelectOptions'
import { usePaths } from './usePaths'

/** Edits the permission of a role for an operation. */
export function PermissionForm({
  entry,
  definition,
  role,
  operation,
  onClose,
}: {
  entry: TableEntry
  definition: Definition
  role: string
  operation: Operation
  onClose: () => void
}) {
  const stored = permissionsOf(entry, operation).find((other) => other.role === role)
  const columns = definition.columns.map(({ name }) => name)
  const paths = usePaths(entry, definition)
  const { fields, set, check } = useFields(fieldsOf(operation, stored?.permission, columns))
  const args = { table: entry.table, role }
  const save = useAction((engine) => {
    const permission = permissionOf(operation, fields, stored?.permission)
    // Both or none: between the two the role would have no permission.
    const drop = stored ? [{ type: `pg_drop_${operation}_permission`, args }] : []
    const comment = stored?.comment === undefined ? {} : { comment: stored.comment }
    return engine.metadata('bulk', [
      ...drop,
      { type: `pg_create_${operation}_permission`, args: { ...args, permission, ...comment } },
    ])
  }, onClose)
  const drop = useAction((engine) => engine.metadata(`pg_drop_${operation}_permission`, args), onClose)
  return (
    <Panel
      title={`${role}: ${operation} ${displayName(entry.table)}`}
      aside={
        <Button variant="subtle" color="gray" onClick={onClose}>
          Close
        </Button>
      }
    >
      <ActionForm
        action={save}
        submit="Save permission"
        failure="The permission was not changed"
        error={save.error ?? drop.error}
        disabled={!isValid(fields)}
        buttons={
          stored && (
            <ConfirmedButton
              title={`Remove this permission of ${role}?`}
              confirm="Remove the permission"
              onConfirm={() => drop.mutate()}
              question={`The role cannot ${operation} rows of the table then.`}
            >
              Remove
            </ConfirmedButton>
          )
        }
      >
        <ConditionBuilder paths={paths} text={fields.filter} onChange={(filter) => set({ filter })} />
        <JsonField
          label={operation === 'insert' ? 'New rows have to meet (JSON)' : 'Rows have to meet (JSON)'}
          description="{} for all rows. Session variables are texts such as X-Hasura-User-Id."
          value={fields.filter}
          onChange={(filter) => set({ filter })}
        />
        {operation === 'update' && (
          <JsonField
            label="Rows have to meet after the update (JSON)"
            value={fields.check}
            onChange={(check) => set({ check })}
            rows={3}
          />
        )}
        {operation !== 'delete' && (
          <Choices
            legend="Columns"
            options={columns}
            chosen={fields.columns}
            onChange={(columns) => set({ columns, allColumns: false })}
          >
            <Checkbox
              label="All"
              description="Also those that are added later"
              checked={fields.allColumns}
              indeterminate={!fields.allColumns && fields.columns.length > 0}
              onChange={({ currentTarget: { checked } }) =>
                set({ allColumns: checked, columns: checked ? columns : [] })
              }
            />
          </Choices>
        )}
        {(operation === 'insert' || operation === 'update') && (
          <>
            <Presets columns={columns} text={fields.presets} onChange={(presets) => set({ presets })} />
            <JsonField
              label="Values that the engine sets (JSON)"
              description='Such as {"user_id": "X-Hasura-User-Id"}. Clients cannot write these columns.'
              value={fields.presets}
              onChange={(presets) => set({ presets })}
              rows={3}
            />
          </>
        )}
        {operation === 'select' ? (
          <SelectOptions entry={entry} fields={fields} onChange={set} />
        ) : (
          <Checkbox
            label="Only for requests with the admin secret (backend only)"
            {...check('backendOnly')}
          />
        )}
      </ActionForm>
    </Panel>
  )
}
