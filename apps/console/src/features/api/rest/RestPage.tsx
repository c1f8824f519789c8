import { Button } from '@mantine/core'
import { PageTitle } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionsCell } from '../../../common/ActionsCell'
import { ConfirmedButton } from '../../../common/Confirmed'
import { ListPanel } from '../../../common/ListPanel'
import { Loaded } from '../../../common/Loaded'
import table from '../../../common/table.module.css'
import { useAction, useMetadata } from '../../../engine/context'
import type { RestEndpoint } from '../../../engine/metadata'
import { PREFIX, queryOf, storedQueries, type StoredQuery } from './endpoints'
import { NewEndpoint } from './NewEndpoint'
import { TryEndpoint } from './TryEndpoint'

/** Stored queries that are served at paths of their own. */
export function RestPage() {
  const metadata = useMetadata()
  const [tried, setTried] = useState<string>()
  return (
    <>
      <PageTitle
        title="REST endpoints"
        subtitle={`Stored queries, at paths below ${window.location.origin}${PREFIX}`}
      />
      <Loaded query={metadata} label="Loading the endpoints">
        {({ metadata }) => {
          const endpoints = metadata.rest_endpoints ?? []
          const queries = storedQueries(metadata)
          const endpoint = endpoints.find(({ name }) => name === tried)
          return (
            <div className={table.stack}>
              <Endpoints
                endpoints={endpoints}
                queries={queries}
                tried={tried}
                onTry={(name) => setTried(name === tried ? undefined : name)}
              />
              {endpoint && <TryEndpoint key={endpoint.name} endpoint={endpoint} />}
              <NewEndpoint queries={queries} />
            </div>
          )
        }}
      </Loaded>
    </>
  )
}

function Endpoints({
  endpoints,
  queries,
  tried,
  onTry,
}: {
  endpoints: RestEndpoint[]
  queries: StoredQuery[]
  tried: string | undefined
  onTry: (name: string) => void
}) {
  const drop = useAction((engine, name: string) => engine.metadata('drop_rest_endpoint', { name }))
  return (
    <ListPanel
      title="Endpoints"
      label="REST endpoints"
      error={drop.error}
      failure="The endpoint was not deleted"
      columns={['Name', 'Request', 'Query']}
      empty="No REST endpoints yet"
    >
      {endpoints.map((endpoint) => {
        const { name, url, methods, comment, definition } = endpoint
        const stored = queryOf(endpoint, queries)
        return (
          <tr key={name}>
            <td>
              {name}
              {comment !== undefined && <p className={table.hint}>{comment}</p>}
            </td>
            <td className={table.code}>
              {methods.join(', ')} {PREFIX}
              {url}
            </td>
            <td>
              {stored ? (
                <details>
                  <summary>
                    {stored.collection} / {stored.name}
                  </summary>
                  <pre className={table.block}>{stored.query}</pre>
                </details>
              ) : (
                <span className={table.bad}>{definition.query.query_name} does not exist</span>
              )}
            </td>
            <ActionsCell>
              <Button
                variant="default"
                aria-label={`Try ${name}`}
                aria-pressed={name === tried}
                onClick={() => onTry(name)}
              >
                Try it
              </Button>
              <ConfirmedButton
                label={`Delete ${name}`}
                title={`Delete the endpoint ${name}?`}
                confirm="Delete the endpoint"
                onConfirm={() => drop.mutate(name)}
                question="Its path answers with 404 then. The query stays in its collection."
              >
                Delete
              </ConfirmedButton>
            </ActionsCell>
          </tr>
        )
      })}
    </ListPanel>
  )
}
