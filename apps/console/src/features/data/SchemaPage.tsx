import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'

import { ActionsCell } from '../../common/ActionsCell'
import { ListPanel } from '../../common/ListPanel'
import { Loaded } from '../../common/Loaded'
import table from '../../common/table.module.css'
import type { Relation } from '../../engine/catalog'
import { useAction, useMetadata, type CurrentMetadata } from '../../engine/context'
import { entriesOf } from '../../engine/metadata'
import { displayName, tableName } from '../../engine/sql'
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
  const tracked = new Set(entriesOf(metadata).map(({ table }) => tableName(table)))
  return relations.filter((relation) => !tracked.has(tableName(relation)))
}

function Untracked({ relations: all }: { relations: Relation[] }) {
  const schemas = [...new Set(['public', ...all.map(({ schema }) => schema)])]
  const [schema, setSchema] = useState('public')
  const relations = all.filter((relation) => relation.schema === schema)
  const track = useAction((engine, tables: Relation[]) =>
    engine.metadata<TrackAnswer>('pg_track_tables', {
      tables: tables.map(({ schema, name }) => ({ table: { schema, name } })),
      allow_warnings: true,
    }),
  )
  return (
    <ListPanel
      title="Not tracked"
      label="Tables that are not tracked"
      error={track.error}
      failure="Could not track"
      columns={['Name', 'Kind']}
      empty={`All tables and views of the schema ${schema} are tracked`}
      aside={
        relations.length > 0 && (
          <Button loading={track.isPending} onClick={() => track.mutate(relations)}>
            Track all
          </Button>
        )
      }
      before={
        <>
          <Warnings answer={track.data} />
          {schemas.length > 1 && (
            <NativeSelect
              label="Schema"
              data={schemas}
              value={schema}
              onChange={(event) => setSchema(event.currentTarget.value)}
            />
          )}
        </>
      }
      after={
        relations.length > MAX_LISTED && (
          <p className={table.hint}>
            {relations.length - MAX_LISTED} more are not listed; “Track all” includes them.
          </p>
        )
      }
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
    </ListPanel>
  )
}
