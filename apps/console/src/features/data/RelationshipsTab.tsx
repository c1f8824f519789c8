import { Button, TextInput } from '@mantine/core'
import { Dialog, EmptyState, Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { Table } from '../../common/Table'
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
    engine.metadata('pg_drop_relationship', { source: 'default', table: of, relationship }),
  )
  const [renamed, setRenamed] = useState<string>()
  const list = [
    ...(entry?.object_relationships ?? []).map((relationship) => ({ kind: 'object', relationship })),
    ...(entry?.array_relationships ?? []).map((relationship) => ({ kind: 'array', relationship })),
  ]
  return (
    <>
      <Panel title="Relationships">
        <div className={table.stack}>
          <Failure error={drop.error} title="Could not remove the relationship" />
          {list.length === 0 ? (
            <EmptyState title="No relationships yet" />
          ) : (
            <Table
              label="Relationships"
              columns={['Name', 'Kind', 'By', { name: 'Actions', kind: 'actions' }]}
            >
              {list.map(({ kind, relationship }) => (
                <tr key={relationship.name}>
                  <td>{relationship.name}</td>
                  <td>{kind}</td>
                  <td className={table.code}>{basis(relationship)}</td>
                  <td>
                    <span className={table.actions}>
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
                    </span>
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </div>
      </Panel>
      {renamed !== undefined && (
        <RenameDialog table={of} name={renamed} onClose={() => setRenamed(undefined)} />
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

function RenameDialog({ table: of, name, onClose }: { table: TableName; name: string; onClose: () => void }) {
  const [text, setText] = useState(name)
  const rename = useAction(
    (engine) =>
      engine.metadata('pg_rename_relationship', {
        source: 'default',
        table: of,
        name,
        new_name: text.trim(),
      }),
    onClose,
  )
  return (
    <Dialog title={`Rename ${name}`} onClose={onClose}>
      <form
        className={table.stack}
        onSubmit={(event) => {
          event.preventDefault()
          rename.mutate()
        }}
      >
        <TextInput
          label="New name"
          value={text}
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Failure error={rename.error} />
        <div className={table.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={rename.isPending}
            disabled={text.trim() === '' || text.trim() === name}
          >
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
