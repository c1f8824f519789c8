import { Button, NativeSelect, TextInput, Textarea } from '@mantine/core'
import { EmptyState, Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useMetadata } from '../../engine/context'
import type { Metadata } from '../../engine/metadata'

/** Collections of queries, and which of them clients may run if the allow list is enforced. */
export function AllowListPanel() {
  const metadata = useMetadata()
  return (
    <Panel title="Query collections and allow list">
      <Loaded query={metadata} label="Loading the collections">
        {({ metadata }) => (
          <div className={table.stack}>
            <Collections metadata={metadata} />
            <NewQuery collections={metadata.query_collections?.map(({ name }) => name) ?? []} />
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

function Collections({ metadata }: { metadata: Metadata }) {
  const collections = metadata.query_collections ?? []
  const allowed = new Set(metadata.allowlist?.map(({ collection }) => collection))
  const allow = useAction((engine, [name, on]: [string, boolean]) =>
    engine.metadata(on ? 'add_collection_to_allowlist' : 'drop_collection_from_allowlist', {
      collection: name,
    }),
  )
  const drop = useAction((engine, name: string) =>
    engine.metadata('drop_query_collection', { collection: name, cascade: true }),
  )
  if (collections.length === 0) return <EmptyState title="No query collections yet" />
  return (
    <>
      <Failure error={allow.error ?? drop.error} title="The collection was not changed" />
      <Table
        label="Query collections"
        columns={['Collection', 'Queries', { name: 'Actions', kind: 'actions' }]}
      >
        {collections.map(({ name, definition }) => (
          <tr key={name}>
            <td>
              {name}
              {allowed.has(name) && <p className={table.hint}>in the allow list</p>}
            </td>
            <td>
              {definition.queries.map((query) => (
                <details key={query.name}>
                  <summary>{query.name}</summary>
                  <pre className={table.block}>{query.query}</pre>
                </details>
              ))}
            </td>
            <td>
              <span className={table.actions}>
                <Button variant="default" onClick={() => allow.mutate([name, !allowed.has(name)])}>
                  {allowed.has(name) ? 'Remove from the allow list' : 'Add to the allow list'}
                </Button>
                <ConfirmedButton
                  title={`Delete ${name}?`}
                  confirm="Delete the collection"
                  onConfirm={() => drop.mutate(name)}
                  question="It is removed from the allow list, too."
                >
                  Delete
                </ConfirmedButton>
              </span>
            </td>
          </tr>
        ))}
      </Table>
    </>
  )
}

function NewQuery({ collections }: { collections: string[] }) {
  const [collection, setCollection] = useState('')
  const [created, setCreated] = useState('')
  const [name, setName] = useState('')
  const [query, setQuery] = useState('')
  const target = collection === '' ? created.trim() : collection
  const add = useAction(
    (engine) =>
      collection === ''
        ? engine.metadata('create_query_collection', {
            name: target,
            definition: { queries: [{ name: name.trim(), query }] },
          })
        : engine.metadata('add_query_to_collection', {
            collection_name: target,
            query_name: name.trim(),
            query,
          }),
    () => {
      setName('')
      setQuery('')
    },
  )
  return (
    <form
      className={table.stack}
      onSubmit={(event) => {
        event.preventDefault()
        add.mutate()
      }}
    >
      <div className={table.row}>
        <NativeSelect
          label="Collection"
          data={[{ value: '', label: 'New collection' }, ...collections]}
          value={collection}
          onChange={(event) => setCollection(event.currentTarget.value)}
        />
        {collection === '' && (
          <TextInput
            label="Name of the collection"
            value={created}
            onChange={(event) => setCreated(event.currentTarget.value)}
          />
        )}
        <TextInput
          label="Name of the query"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <Textarea
        label="Query"
        rows={5}
        value={query}
        spellCheck={false}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <Failure error={add.error} title="The query was not added" />
      <div className={table.actions}>
        <Button
          type="submit"
          variant="default"
          loading={add.isPending}
          disabled={target === '' || name.trim() === '' || query.trim() === ''}
        >
          Add query
        </Button>
      </div>
    </form>
  )
}
