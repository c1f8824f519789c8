import { TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../../common/ActionForm'
import table from '../../../common/table.module.css'
import type { Definition, RelationKind } from '../../../engine/catalog'
import { useAction } from '../../../engine/context'
import type { TableEntry } from '../../../engine/metadata'
import { defaultRoot, namesOf, rootKinds, withNames } from './customNames'

/** Names of the table, its columns and its root fields in the GraphQL API. */
export function NamesPanel({
  entry,
  definition,
  kind,
}: {
  entry: TableEntry
  definition: Definition
  kind: RelationKind
}) {
  const [names, setNames] = useState(() => namesOf(entry.configuration))
  const save = useAction((engine) =>
    engine.metadata('pg_set_table_customization', {
      table: entry.table,
      configuration: withNames(names, entry.configuration),
    }),
  )
  const { schema, name } = entry.table
  const base = names.table.trim() || (schema === 'public' ? name : `${schema}_${name}`)
  return (
    <Panel title="Names in the API">
      <ActionForm action={save} submit="Save names" failure="The names were not changed" isSecondary>
        <TextInput
          label="Name of the table"
          placeholder={base}
          value={names.table}
          onChange={(event) => setNames({ ...names, table: event.currentTarget.value })}
        />
        <NameList
          title="Names of the columns"
          keys={definition.columns.map(({ name }) => name)}
          names={names.columns}
          defaultOf={(column) => column}
          onChange={(columns) => setNames({ ...names, columns })}
        />
        <NameList
          title="Names of the root fields"
          keys={rootKinds(kind)}
          names={names.roots}
          defaultOf={(root) => defaultRoot(root, base)}
          onChange={(roots) => setNames({ ...names, roots })}
        />
      </ActionForm>
    </Panel>
  )
}

function NameList({
  title,
  keys,
  names,
  defaultOf,
  onChange,
}: {
  title: string
  keys: readonly string[]
  names: Record<string, string>
  defaultOf: (key: string) => string
  onChange: (names: Record<string, string>) => void
}) {
  return (
    <details>
      <summary>{title}</summary>
      <div className={table.fields}>
        {keys.map((key) => (
          <TextInput
            key={key}
            label={key}
            placeholder={defaultOf(key)}
            value={names[key] ?? ''}
            onChange={(event) => onChange({ ...names, [key]: event.currentTarget.value })}
          />
        ))}
      </div>
    </details>
  )
}
