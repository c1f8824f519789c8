import { Button } from '@mantine/core'
import { useState } from 'react'

import { ActionsCell } from '../../common/ActionsCell'
import { ConfirmedButton } from '../../common/Confirmed'
import { ListPanel } from '../../common/ListPanel'
import { RenameDialog } from '../../common/RenameDialog'
import table from '../../common/table.module.css'
import { useAction, useEntry } from '../../engine/context'
import type { Relationship } from '../../engine/metadata'
import { displayName, type TableName } from '../../engine/sql'
import { SuggestedRelationships } from './SuggestedRelationships'

/** Relationships of a table, and those that can be added. */
export function RelationshipsTab({ table: name }: { table: TableName }) {
  const of = { schema: name.schema, name: name.name }
  const entry = useEntry(of)
  const drop = useAction((engine, relationship: string) =>
    engine.metadata('pg_drop_relationship', { table: of, relationship }),
  )
  const [renamed, setRenamed] = useState<string>()
  const list = [
    ...(entry?.object_relationships ?? []).map((relationship) => ({ kind: 'object', relationship })),
    ...(entry?.array_relationships ?? []).map((relationship) => ({ kind: 'array', relationship })),
  ]
  return (
    <>
      <ListPanel
        title="Relationships"
        error={drop.error}
        failure="Could not remove the relationship"
        columns={['Name', 'Kind', 'By']}
        empty="No relationships yet"
      >
        {list.map(({ kind, relationship }) => (
          <tr key={relationship.name}>
            <td>{relationship.name}</td>
            <td>{kind}</td>
            <td className={table.code}>{basis(relationship)}</td>
            <ActionsCell>
              <Button variant="default" onClick={() => setRenamed(relationship.name)}>
                Rename
              </Button>
              <ConfirmedButton
                title={`Remove ${relationship.name}?`}
                confirm="Remove"
                onConfirm={() => drop.mutate(relationship.name)}
                question="Queries that use it fail then."
              >
                Remove
              </ConfirmedButton>
            </ActionsCell>
          </tr>
        ))}
      </ListPanel>
      {renamed !== undefined && (
        <RenameDialog
          name={renamed}
          rename={(engine, new_name) =>
            engine.metadata('pg_rename_relationship', {
              table: of,
              name: renamed,
              new_name,
            })
          }
          onClose={() => setRenamed(undefined)}
        />
      )}
      <SuggestedRelationships of={of} />
    </>
  )
}

/** Columns by which a relationship joins. */
function basis({
  using: { foreign_key_constraint_on: key, manual_configuration: manual },
}: Relationship): string {
  if (manual) {
    const pairs = Object.entries(manual.column_mapping).map(([own, other]) => `${own} = ${other}`)
    return `${displayName(manual.remote_table)}: ${pairs.join(', ')}`
  }
  if (key === undefined) return ''
  if (typeof key === 'string') return key
  if (Array.isArray(key)) return key.join(', ')
  return `${displayName(key.table)}.${key.column ?? key.columns?.join(', ') ?? ''}`
}
