import { NativeSelect, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { Link } from 'wouter'

import { ActionForm } from '../../../common/ActionForm'
import { Choices } from '../../../common/Choices'
import table from '../../../common/table.module.css'
import { useFields } from '../../../common/useFields'
import { useAction } from '../../../engine/context'
import { METHODS, PREFIX, keyOf, problemOf, type StoredQuery } from './endpoints'

/** Form for an endpoint of a stored query. */
export function NewEndpoint({ queries }: { queries: StoredQuery[] }) {
  const { fields, set, text, reset } = useFields({
    name: '',
    url: '',
    query: '',
    methods: ['GET'],
    comment: '',
  })
  const stored = queries.find((query) => keyOf(query) === fields.query)
  const create = useAction(
    (engine) =>
      engine.metadata('create_rest_endpoint', {
        name: fields.name.trim(),
        url: fields.url.trim(),
        methods: fields.methods,
        definition: { query: { collection_name: stored?.collection, query_name: stored?.name } },
        ...(fields.comment.trim() !== '' && { comment: fields.comment.trim() }),
      }),
    reset,
  )
  const problem = problemOf(fields.url)
  return (
    <Panel title="New REST endpoint">
      {queries.length === 0 ? (
        <p className={table.hint}>
          An endpoint serves a stored query. Save one with “Save query” on the page{' '}
          <Link href="/api">GraphQL</Link>, or add it to a collection in the{' '}
          <Link href="/settings">settings</Link>.
        </p>
      ) : (
        <ActionForm
          action={create}
          submit="Create endpoint"
          failure="The endpoint was not created"
          isSecondary
          disabled={
            fields.name.trim() === '' || problem !== undefined || !stored || fields.methods.length === 0
          }
        >
          <div className={table.row}>
            <TextInput label="Name" {...text('name')} />
            <TextInput
              className={table.wide}
              label={`Path below ${PREFIX}`}
              placeholder="orders/:id"
              error={fields.url === '' ? undefined : problem}
              {...text('url')}
            />
            <NativeSelect
              label="Stored query"
              data={[
                '',
                ...queries.map((query) => ({
                  value: keyOf(query),
                  label: `${query.collection} / ${query.name}`,
                })),
              ]}
              {...text('query')}
            />
          </div>
          <Choices
            legend="Methods"
            options={METHODS}
            chosen={fields.methods}
            onChange={(methods) => set({ methods })}
          />
          <TextInput label="Comment" {...text('comment')} />
          <p className={table.hint}>
            A segment such as :id is a variable of the query. The other variables are in the query string, or
            in the body.
          </p>
        </ActionForm>
      )}
    </Panel>
  )
}
