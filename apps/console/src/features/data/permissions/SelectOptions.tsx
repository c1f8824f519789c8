import { Checkbox, TextInput } from '@mantine/core'

import { Choices } from '../../../common/Choices'
import table from '../../../common/table.module.css'
import type { TableEntry } from '../../../engine/metadata'
import { isSameTable } from '../../../engine/sql'
import { useFunctions } from '../../../engine/useCatalog'
import {
  ROOT_FIELDS,
  isLimit,
  rootFieldsOf,
  type PermissionFields,
  type RootFieldsKey,
} from './permissionForm'

const LEGENDS: Record<RootFieldsKey, string> = {
  query_root_fields: 'Root fields of queries',
  subscription_root_fields: 'Root fields of subscriptions',
}

/** What only a select permission has: computed fields, root fields, a limit and aggregations. */
export function SelectOptions({
  entry,
  fields,
  onChange,
}: {
  entry: TableEntry
  fields: PermissionFields
  onChange: (part: Partial<PermissionFields>) => void
}) {
  const { data: functions } = useFunctions()
  // Fields that return rows follow the permissions of their table.
  const computed = (entry.computed_fields ?? []).filter(
    ({ definition }) => !functions?.find((known) => isSameTable(known, definition.function))?.table,
  )
  const names = [...new Set([...computed.map(({ name }) => name), ...fields.computedFields])]
  return (
    <>
      {names.length > 0 && (
        <Choices
          legend="Computed fields"
          options={names}
          chosen={fields.computedFields}
          onChange={(computedFields) => onChange({ computedFields })}
        />
      )}
      {(Object.keys(ROOT_FIELDS) as RootFieldsKey[]).map((key) => {
        const options = rootFieldsOf(key, fields.aggregations)
        const chosen = fields.rootFields[key]
        const set = (list: string[] | null) => onChange({ rootFields: { ...fields.rootFields, [key]: list } })
        return (
          <Choices
            key={key}
            legend={LEGENDS[key]}
            options={options}
            chosen={chosen ?? options}
            onChange={set}
          >
            <Checkbox
              label="All"
              checked={chosen === null}
              onChange={(event) => set(event.currentTarget.checked ? null : [])}
            />
          </Choices>
        )
      })}
      <div className={table.row}>
        <TextInput
          label="Maximum number of rows"
          inputMode="numeric"
          value={fields.limit}
          error={isLimit(fields.limit) ? undefined : 'Enter a whole number, or nothing.'}
          onChange={(event) => onChange({ limit: event.currentTarget.value })}
        />
        <Checkbox
          label="Aggregations"
          checked={fields.aggregations}
          onChange={(event) => onChange({ aggregations: event.currentTarget.checked })}
        />
      </div>
    </>
  )
}
