import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { ActionsCell } from '../../common/ActionsCell'
import { ListPanel } from '../../common/ListPanel'
import { Loaded } from '../../common/Loaded'
import { useAction, useEngine, useMetadata } from '../../engine/context'
import { entryOf, type Metadata } from '../../engine/metadata'
import { displayName, type TableName } from '../../engine/sql'
import { commandOf, keyOf, nameOf, type Suggestion } from './suggestions'

/** Relationships that foreign keys between tracked tables suggest; of one table if it is given. */
export function SuggestedRelationships({ of }: { of?: TableName }) {
  const engine = useEngine()
  const metadata = useMetadata()
  const suggestions = useQuery({
    queryKey: ['suggestions', of ?? null],
    queryFn: () =>
      engine.metadata<{ relationships: Suggestion[] }>('pg_suggest_relationships', {
        omit_tracked: true,
        ...(of && { tables: [of] }),
      }),
  })
  return (
    <Loaded query={suggestions} label="Loading the suggested relationships">
      {({ relationships }) => (
        <Loaded query={metadata} label="Loading the metadata">
          {({ metadata }) => <Suggestions list={named(relationships, metadata)} />}
        </Loaded>
      )}
    </Loaded>
  )
}

interface Named {
  suggestion: Suggestion
  name: string
}

/** Gives each suggestion a name that no other relationship of its table has. */
function named(suggestions: Suggestion[], metadata: Metadata): Named[] {
  const taken = new Map<string, Set<string>>()
  return suggestions.map((suggestion) => {
    const key = displayName(suggestion.from.table)
    let names = taken.get(key)
    if (!names) {
      const entry = entryOf(metadata, suggestion.from.table)
      names = new Set(
        [...(entry?.object_relationships ?? []), ...(entry?.array_relationships ?? [])].map(
          ({ name }) => name,
        ),
      )
      // A relationship cannot have the name of a column.
      suggestion.from.columns.forEach((column) => names?.add(column))
      taken.set(key, names)
    }
    const name = nameOf(suggestion, names)
    names.add(name)
    return { suggestion, name }
  })
}

function Suggestions({ list }: { list: Named[] }) {
  const create = useAction((engine, list: Named[]) =>
    engine.metadata(
      'bulk',
      list.map(({ suggestion, name }) => commandOf(suggestion, name)),
    ),
  )
  return (
    <ListPanel
      title="Suggested relationships"
      error={create.error}
      failure="Could not add the relationships"
      columns={['Relationship', 'Kind', 'From', 'To']}
      empty="No foreign key suggests another relationship"
      aside={
        list.length > 0 && (
          <Button loading={create.isPending} onClick={() => create.mutate(list)}>
            Add all relationships
          </Button>
        )
      }
    >
      {list.map((entry) => {
        const { suggestion, name } = entry
        return (
          <tr key={keyOf(suggestion)}>
            <td>
              {displayName(suggestion.from.table)}.{name}
            </td>
            <td>{suggestion.type}</td>
            <td>{suggestion.from.columns.join(', ')}</td>
            <td>
              {displayName(suggestion.to.table)} ({suggestion.to.columns.join(', ')})
            </td>
            <ActionsCell>
              <Button
                variant="default"
                aria-label={`Add ${displayName(suggestion.from.table)}.${name}`}
                disabled={create.isPending}
                onClick={() => create.mutate([entry])}
              >
                Add
              </Button>
            </ActionsCell>
          </tr>
        )
      })}
    </ListPanel>
  )
}
