import { Button } from '@mantine/core'
import { EmptyState, PageTitle } from '@threefactor/shared/ui'

import { CascadeFailure } from '../../common/CascadeFailure'
import { Failure } from '../../common/Failure'
import { ConfirmedButton } from '../../common/Confirmed'
import { Loaded } from '../../common/Loaded'
import { SubNav } from '../../common/SubNav'
import type { Definition, Relation } from '../../engine/catalog'
import { useAction, useEntry, useMetadata } from '../../engine/context'
import { displayName, isSameTable, type TableName } from '../../engine/sql'
import { useDefinition, useRelations } from '../../engine/useCatalog'
import { ComputedFieldsTab } from './computed/ComputedFieldsTab'
import { tablePath } from './paths'
import { PermissionsTab } from './permissions/PermissionsTab'
import { RelationshipsTab } from './RelationshipsTab'
import { RowsTab } from './rows/RowsTab'
import { StructureTab } from './structure/StructureTab'

const TABS = [
  { tab: 'rows', label: 'Rows' },
  { tab: 'structure', label: 'Structure' },
  { tab: 'relationships', label: 'Relationships' },
  { tab: 'computed', label: 'Computed fields' },
  { tab: 'permissions', label: 'Permissions' },
]

/** Page of a table or view. */
export function TablePage({ schema, name, tab }: TableName & { tab: string }) {
  const table = { schema, name }
  const relations = useRelations()
  const definition = useDefinition(table)
  const entry = useEntry(table)
  const metadata = useMetadata()
  return (
    <>
      <PageTitle title={displayName(table)}>
        {metadata.data && <TrackButton table={table} isTracked={!!entry} />}
      </PageTitle>
      <SubNav
        label="Parts of the table"
        entries={TABS.map(({ tab, label }) => ({ href: tablePath(table, tab), label }))}
      />
      <Loaded query={relations} label="Loading the tables">
        {(relations) => {
          const relation = relations.find((other) => isSameTable(other, table))
          if (!relation) return <EmptyState title="The database has no table or view of this name" />
          return (
            <Loaded query={definition} label="Loading the definition">
              {(definition) => (
                <Loaded query={metadata} label="Loading the metadata">
                  {() => <Tab tab={tab} relation={relation} definition={definition} isTracked={!!entry} />}
                </Loaded>
              )}
            </Loaded>
          )
        }}
      </Loaded>
    </>
  )
}

function Tab({
  tab,
  relation,
  definition,
  isTracked,
}: {
  tab: string
  relation: Relation
  definition: Definition
  isTracked: boolean
}) {
  if (tab === 'rows') return <RowsTab relation={relation} definition={definition} />
  if (tab === 'structure') return <StructureTab relation={relation} definition={definition} />
  if (!isTracked)
    return (
      <EmptyState title="Not tracked">
        Track the table first: it is not part of the GraphQL API yet.
      </EmptyState>
    )
  if (tab === 'relationships') return <RelationshipsTab table={relation} />
  if (tab === 'computed') return <ComputedFieldsTab table={relation} />
  if (tab === 'permissions') return <PermissionsTab table={relation} definition={definition} />
  return <EmptyState title="The console has no page at this address" />
}

function TrackButton({ table, isTracked }: { table: TableName; isTracked: boolean }) {
  const track = useAction((engine) =>
    engine.metadata('pg_track_table', {
      table: { schema: table.schema, name: table.name },
    }),
  )
  const untrack = useAction((engine, { cascade = false }: { cascade?: boolean }) =>
    engine.metadata('pg_untrack_table', {
      table: { schema: table.schema, name: table.name },
      cascade,
    }),
  )
  if (!isTracked)
    return (
      <>
        <Button loading={track.isPending} onClick={() => track.mutate()}>
          Track
        </Button>
        <Failure error={track.error} />
      </>
    )
  return (
    <>
      <ConfirmedButton
        title={`Untrack ${displayName(table)}?`}
        confirm="Untrack"
        onConfirm={() => untrack.mutate({})}
        question="Clients cannot read or write it through the API then. Its rows stay."
      >
        Untrack
      </ConfirmedButton>
      <CascadeFailure action={untrack} title="The table is still tracked" />
    </>
  )
}
