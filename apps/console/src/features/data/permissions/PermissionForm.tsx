import { Button, Checkbox, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../../common/ActionForm'
import { Choices } from '../../../common/Choices'
import { ConfirmedButton } from '../../../common/Confirmed'
import { JsonField } from '../../../common/JsonField'
import { parseJson, prettyJson } from '../../../common/json'
import table from '../../../common/table.module.css'
import type { Definition } from '../../../engine/catalog'
import { useAction } from '../../../engine/context'
import { permissionsOf, type Operation, type TableEntry } from '../../../engine/metadata'
import { displayName } from '../../../engine/sql'
import { ConditionBuilder } from './ConditionBuilder'
import { filterKey, filterOf } from './permission'

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
  const [filter, setFilter] = useState(() => prettyJson(stored ? filterOf(operation, stored.permission) : {}))
  const [check, setCheck] = useState(() => prettyJson(stored?.permission.check))
  const [chosen, setChosen] = useState(() => columnsOf(stored?.permission.columns, columns))
  // An explicit list stays one, also if it contains all present columns: later ones are not permitted by it.
  const [all, setAll] = useState(stored?.permission.columns === '*')
  const [presets, setPresets] = useState(() => prettyJson(stored?.permission.set))
  const [limit, setLimit] = useState(() => textOf(stored?.permission.limit))
  const [aggregations, setAggregations] = useState(stored?.permission.allow_aggregations === true)
  const [backendOnly, setBackendOnly] = useState(stored?.permission.backend_only === true)
  const args = { source: 'default', table: entry.table, role }
  const save = useAction((engine) => {
    const permission: Record<string, unknown> = { ...stored?.permission }
    permission[filterKey(operation)] = valueOf(filter)
    if (operation === 'update') permission.check = check.trim() === '{}' ? null : valueOf(check)
    if (operation !== 'delete') permission.columns = all ? '*' : chosen
    if (operation === 'insert' || operation === 'update') permission.set = valueOf(presets)
    if (operation === 'select') {
      permission.allow_aggregations = aggregations
      delete permission.limit
      if (limit.trim() !== '') permission.limit = Number(limit)
    } else {
      permission.backend_only = backendOnly
    }
    // Both or none: between the two the role would have no permission.
    const drop = stored ? [{ type: `pg_drop_${operation}_permission`, args }] : []
    const comment = stored?.comment === undefined ? {} : { comment: stored.comment }
    return engine.metadata('bulk', [
      ...drop,
      { type: `pg_create_${operation}_permission`, args: { ...args, permission, ...comment } },
    ])
  }, onClose)
  const drop = useAction((engine) => engine.metadata(`pg_drop_${operation}_permission`, args), onClose)
  const invalid = [filter, check, presets].some((text) => parseJson(text).error !== undefined)
  const isLimitValid = limit.trim() === '' || /^\d{1,9}$/.test(limit.trim())
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
        disabled={invalid || !isLimitValid}
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
        <ConditionBuilder columns={columns} text={filter} onChange={setFilter} />
        <JsonField
          label={operation === 'insert' ? 'New rows have to meet (JSON)' : 'Rows have to meet (JSON)'}
          description="{} for all rows. Session variables are texts such as X-Hasura-User-Id."
          value={filter}
          onChange={setFilter}
        />
        {operation === 'update' && (
          <JsonField
            label="Rows have to meet after the update (JSON)"
            value={check}
            onChange={setCheck}
            rows={3}
          />
        )}
        {operation !== 'delete' && (
          <Choices
            legend="Columns"
            options={columns}
            chosen={chosen}
            onChange={(chosen) => {
              setAll(false)
              setChosen(chosen)
            }}
          >
            <Checkbox
              label="All"
              description="Also those that are added later"
              checked={all}
              indeterminate={!all && chosen.length > 0}
              onChange={(event) => {
                setAll(event.currentTarget.checked)
                setChosen(event.currentTarget.checked ? columns : [])
              }}
            />
          </Choices>
        )}
        {(operation === 'insert' || operation === 'update') && (
          <JsonField
            label="Values that the engine sets (JSON)"
            description='Such as {"user_id": "X-Hasura-User-Id"}. Clients cannot write these columns.'
            value={presets}
            onChange={setPresets}
            rows={3}
          />
        )}
        {operation === 'select' ? (
          <div className={table.row}>
            <TextInput
              label="Maximum number of rows"
              inputMode="numeric"
              value={limit}
              error={isLimitValid ? undefined : 'Enter a whole number, or nothing.'}
              onChange={(event) => setLimit(event.currentTarget.value)}
            />
            <Checkbox
              label="Aggregations"
              checked={aggregations}
              onChange={(event) => setAggregations(event.currentTarget.checked)}
            />
          </div>
        ) : (
          <Checkbox
            label="Only for requests with the admin secret (backend only)"
            checked={backendOnly}
            onChange={(event) => setBackendOnly(event.currentTarget.checked)}
          />
        )}
      </ActionForm>
    </Panel>
  )
}

function columnsOf(stored: unknown, all: string[]): string[] {
  if (stored === '*') return all
  return Array.isArray(stored) ? all.filter((column) => stored.includes(column)) : []
}

function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : ''
}

function valueOf(text: string): unknown {
  return parseJson(text).value
}
