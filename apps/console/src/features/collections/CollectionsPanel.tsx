import { Button } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionsCell } from '../../common/ActionsCell'
import { ConfirmedButton } from '../../common/Confirmed'
import { Empty } from '../../common/Empty'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { RenameDialog } from '../../common/RenameDialog'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useMetadata } from '../../engine/context'
import { rolesOf, type AllowListEntry, type Metadata, type QueryCollection } from '../../engine/metadata'
import { useConfig } from '../../engine/useConfig'
import { AddQueryForm } from './AddQueryForm'
import { AllowListDialog } from './AllowListDialog'

/** Collections of queries, and which of them clients may run if the allow list is enforced. */
export function CollectionsPanel() {
  const metadata = useMetadata()
  const config = useConfig()
  return (
    <Panel title="Query collections and allow list">
      <Loaded query={metadata} label="Loading the collections">
        {({ metadata }) => (
          <div className={table.stack}>
            {config.data && (
              <p className={table.hint}>
                {config.data.is_allow_list_enabled
                  ? 'The engine enforces the allow list: roles run only the queries of its collections.'
                  : 'The engine does not enforce the allow list (HASURA_GRAPHQL_ENABLE_ALLOWLIST): roles run all queries.'}
              </p>
            )}
            <Collections metadata={metadata} />
            <AddQueryForm collections={metadata.query_collections?.map(({ name }) => name) ?? []} />
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

function Collections({ metadata }: { metadata: Metadata }) {
  const collections = metadata.query_collections ?? []
  const [renamed, setRenamed] = useState<string>()
  const [allowed, setAllowed] = useState<string>()
  const drop = useAction((engine, name: string) =>
    engine.metadata('drop_query_collection', { collection: name, cascade: true }),
  )
  const dropQuery = useAction((engine, [collection_name, query_name]: [string, string]) =>
    engine.metadata('drop_query_from_collection', { collection_name, query_name }),
  )
  if (collections.length === 0) return <Empty title="No query collections yet" />
  const entryOf = (name: string) => metadata.allowlist?.find(({ collection }) => collection === name)
  return (
    <>
      <Failure error={drop.error ?? dropQuery.error} title="The collection was not changed" />
      <Table label="Query collections" columns={['Collection', 'Allow list', 'Queries']} hasActions>
        {collections.map(({ name, definition }) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{scopeText(entryOf(name))}</td>
            <td>
              <Queries queries={definition.queries} onDrop={(query) => dropQuery.mutate([name, query])} />
            </td>
            <ActionsCell>
              <Button variant="default" aria-label={`Allow ${name}`} onClick={() => setAllowed(name)}>
                Allow…
              </Button>
              <Button variant="default" aria-label={`Rename ${name}`} onClick={() => setRenamed(name)}>
                Rename
              </Button>
              <ConfirmedButton
                label={`Delete ${name}`}
                title={`Delete ${name}?`}
                confirm="Delete the collection"
                onConfirm={() => drop.mutate(name)}
                question="It is removed from the allow list, too."
              >
                Delete
              </ConfirmedButton>
            </ActionsCell>
          </tr>
        ))}
      </Table>
      {renamed !== undefined && (
        <RenameDialog
          name={renamed}
          rename={(engine, new_name) =>
            engine.metadata('rename_query_collection', { name: renamed, new_name })
          }
          onClose={() => setRenamed(undefined)}
        />
      )}
      {allowed !== undefined && (
        <AllowListDialog
          collection={allowed}
          entry={entryOf(allowed)}
          roles={rolesOf(metadata)}
          onClose={() => setAllowed(undefined)}
        />
      )}
    </>
  )
}

/** Roles that may run the queries of a collection, for display. */
function scopeText(entry: AllowListEntry | undefined): string {
  if (!entry) return 'no'
  return entry.scope?.global === false ? (entry.scope.roles ?? []).join(', ') : 'all roles'
}

function Queries({
  queries,
  onDrop,
}: {
  queries: QueryCollection['definition']['queries']
  onDrop: (query: string) => void
}) {
  return queries.map(({ name, query }) => (
    <details key={name}>
      <summary>{name}</summary>
      <pre className={table.block}>{query}</pre>
      <ConfirmedButton
        label={`Remove the query ${name}`}
        title={`Remove the query ${name}?`}
        confirm="Remove the query"
        onConfirm={() => onDrop(name)}
        question="It cannot be removed while a REST endpoint serves it."
      >
        Remove
      </ConfirmedButton>
    </details>
  ))
}
