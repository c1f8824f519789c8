import { Button, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { Failure } from '../../common/Failure'
import { Scroll } from '../../common/Scroll'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import type { Definition, Relation } from '../../engine/catalog'
import { useAction, useEntry } from '../../engine/context'
import type { Configuration, TableEntry } from '../../engine/metadata'

/** Definition in the database, and names in the API. */
export function StructureTab({ relation, definition }: { relation: Relation; definition: Definition }) {
  const entry = useEntry(relation)
  return (
    <>
      <Panel title="Columns">
        {definition.comment !== null && <p className={table.hint}>{definition.comment}</p>}
        <Table label="Columns" columns={['Name', 'Type', 'Null', 'Default', 'Comment']}>
          {definition.columns.map((column) => (
            <tr key={column.name}>
              <td>{column.name}</td>
              <td className={table.code}>{column.type}</td>
              <td>{column.nullable ? 'yes' : 'no'}</td>
              <td className={table.code}>{column.generated ? 'generated' : column.default}</td>
              <td>{column.comment}</td>
            </tr>
          ))}
        </Table>
      </Panel>
      <Definitions
        title="Constraints"
        list={definition.constraints.map(({ name, definition }) => ({ name, definition }))}
      />
      <Definitions title="Indexes" list={definition.indexes} />
      {entry && (
        <Names key={JSON.stringify(entry.configuration ?? null)} entry={entry} definition={definition} />
      )}
    </>
  )
}

function Definitions({ title, list }: { title: string; list: { name: string; definition: string }[] }) {
  if (list.length === 0) return null
  return (
    <Panel title={title}>
      <Scroll label={title}>
        <table className={table.table}>
          <tbody>
            {list.map(({ name, definition }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className={table.code}>{definition}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  )
}

/** Names of the table and its columns in the GraphQL API. */
function Names({ entry, definition }: { entry: TableEntry; definition: Definition }) {
  const [name, setName] = useState(entry.configuration?.custom_name ?? '')
  const [columns, setColumns] = useState<Record<string, string>>({
    ...entry.configuration?.custom_column_names,
    ...namesIn(entry.configuration?.column_config),
  })
  const save = useAction((engine) => {
    const configuration: Record<string, unknown> = { ...entry.configuration }
    delete configuration.custom_name
    if (name.trim() !== '') configuration.custom_name = name.trim()
    const named = Object.entries(columns).filter(([, custom]) => custom.trim() !== '')
    configuration.custom_column_names = Object.fromEntries(named)
    // The same names are in column_config, which has precedence.
    const config = { ...(entry.configuration?.column_config ?? {}) } as NonNullable<
      Configuration['column_config']
    >
    for (const key of Object.keys(config)) {
      const kept = { ...config[key] }
      delete kept.custom_name
      config[key] = { ...kept, ...(columns[key]?.trim() && { custom_name: columns[key].trim() }) }
    }
    if (Object.keys(config).length > 0) configuration.column_config = config
    return engine.metadata('pg_set_table_customization', {
      source: 'default',
      table: entry.table,
      configuration,
    })
  })
  return (
    <Panel title="Names in the API">
      <form
        className={table.stack}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput
          label="Name of the table"
          placeholder={entry.table.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <details>
          <summary>Names of the columns</summary>
          <div className={table.stack}>
            {definition.columns.map((column) => (
              <TextInput
                key={column.name}
                label={column.name}
                placeholder={column.name}
                value={columns[column.name] ?? ''}
                onChange={(event) => setColumns({ ...columns, [column.name]: event.currentTarget.value })}
              />
            ))}
          </div>
        </details>
        <Failure error={save.error} title="Could not change the names" />
        <Button type="submit" variant="default" loading={save.isPending}>
          Save names
        </Button>
      </form>
    </Panel>
  )
}

/** Names of columns in `column_config`. */
function namesIn(config: Configuration['column_config']): Record<string, string> {
  const named = Object.entries(config ?? {}).filter(([, { custom_name }]) => custom_name !== undefined)
  return Object.fromEntries(named.map(([column, { custom_name }]) => [column, custom_name ?? '']))
}
