import { Button, NativeSelect } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { useState } from 'react'

import { ActionsCell } from '../../common/ActionsCell'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import type { Relation } from '../../engine/catalog'
import { useAction, useMetadata, type CurrentMetadata } from '../../engine/context'
import { displayName, isSameTable } from '../../engine/sql'
import { useRelations } from '../../engine/useCatalog'
import { SuggestedRelationships } from './SuggestedRelationships'
import { Warnings, type TrackAnswer } from './Warnings'

/** Number of names that are listed; all of them are tracked by the button. */
const MAX_LISTED = 200

/** What is not tracked yet, and the relationships that foreign keys suggest. */
export function SchemaPage() {
  const relations = useRelations()
  const metadata = useMetadata()
  return (
    <>
      <Loaded query={relations} label="Loading the tables">
        {(relations) => (
          <Loaded query={metadata} label="Loading the metadata">
            {(metadata) => <Untracked relations={untracked(relations, metadata)} />}
          </Loaded>
        )}
      </Loaded>
      <SuggestedRelationships />
    </>
  )
}

function untracked(relations: Relation[], { metadata }: CurrentMetadata): Relation[] {
  const tracked = metadata.sources?.flatMap(({ tables }) => tables.map((entry) => entry.table)) ?? []
  return relations.filter((relation) => !tracked.some((other) => isSameTable(relation, other)))
}

function Untracked({ relations: all }: { relations: Relation[] }) {
  const schemas = [...new Set(['public', ...all.map(({ schema }) => schema)])]
  const [schema, setSchema] = useState('public')
  const relations = all.filter((relation) => relation.schema === schema)
  const track = useAction((engine, tables: Relation[]) =>
    engine.metadata<TrackAnswer>('pg_track_tables', {
      tables: tables.map(({ schema, name }) => ({ source: 'default', table: { schema, name } })),
      allow_warnings: true,
    }),
  )
  return (
    <Panel
      title="Not tracked"
      aside={
        relations.length > 0 && (
          <Button loading={track.isPending} onClick={() => track.mutate(relations)}>
            Track all
          </Button>
        )
      }
    >
      <div className={table.stack}>
        <Failure error={track.error} title="Could not track" />
        <Warnings answer={track.data} />
        {schemas.length > 1 && (
          <NativeSelect
            label="Schema"
            data={schemas}
            value={schema}
            onChange={(event) => setSchema(event.currentTarget.value)}
          />
        )}
        <Table
          label="Tables that are not tracked"
          columns={['Name', 'Kind']}
          hasActions
          empty={`All tables and views of the schema ${schema} are tracked`}
        >
          {relations.slice(0, MAX_LISTED).map((relation) => (
            <tr key={displayName(relation)}>
              <td>{displayName(relation)}</td>
              <td>{relation.kind}</td>
              <ActionsCell>
                <Button
                  variant="default"
                  aria-label={`Track ${displayName(relation)}`}
                  disabled={track.isPending}
                  onClick={() => track.mutate([relation])}
                >
                  Track
                </Button>
              </ActionsCell>
            </tr>
          ))}
        </Table>
        {relations.length > MAX_LISTED && (
          <p className={table.hint}>
            {relations.length - MAX_LISTED} more are not listed; “Track all” includes them.
          </p>
        )}
      </div>
    </Panel>
  )
}
