import '@graphiql/plugin-explorer/style.css'
import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit'
import { useComputedColorScheme } from '@mantine/core'
import { PageTitle } from '@threefactor/shared/ui'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { type DocumentNode, parse } from 'graphql'
import { createClient } from 'graphql-ws'
import { useEffect, useMemo, useState } from 'react'

import { useEngine } from '../../../engine/context'
import classes from './GraphiqlPage.module.css'
import { Corrections } from './Corrections'
import { ExplainButton } from './ExplainButton'
import { HeadersField } from './HeadersField'
import { SaveQueryButton } from './SaveQueryButton'
import { RoleSwitch } from '../RoleSwitch'
import { useRole } from '../useRole'

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()]
const EXAMPLE = '# Queries, mutations and subscriptions. Ctrl-Enter runs the one at the cursor.\n'

/** Editor for GraphQL, as the admin or as a role. */
export default function GraphiqlPage() {
  const engine = useEngine()
  const role = useRole()
  const { as } = role
  const [others, setOthers] = useState<Record<string, string>>({})
  const headers = useMemo(() => ({ ...others, ...engine.headers(as) }), [engine, others, as])
  // GraphiQL does not follow a change of the system's scheme.
  const colorScheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const client = useMemo(
    () =>
      createClient({
        url: `${window.location.origin.replace(/^http/, 'ws')}/v1/graphql`,
        connectionParams: { headers },
        lazy: true,
      }),
    [headers],
  )
  useEffect(() => () => void client.dispose(), [client])
  const fetcher = useMemo<Fetcher>(() => {
    const send = createGraphiQLFetcher({ url: '/v1/graphql', headers, wsClient: client })
    // GraphiQL passes the document of a moment ago: it would send a subscription that was just typed over HTTP.
    return (params, options) => send(params, { ...options, documentAST: parsed(params.query) })
  }, [headers, client])
  return (
    <>
      <PageTitle title="GraphQL" subtitle={`Requests go to ${window.location.origin}/v1/graphql`} />
      <div className={classes.switch}>
        <RoleSwitch role={role}>
          <HeadersField onChange={setOthers} />
        </RoleSwitch>
      </div>
      <div className={classes.editor}>
        <GraphiQL
          // The schema differs by role.
          key={JSON.stringify(as ?? null)}
          fetcher={fetcher}
          plugins={PLUGINS}
          defaultQuery={EXAMPLE}
          // The history would keep what is typed there; role and headers are entered above.
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
          forcedTheme={colorScheme}
        >
          <GraphiQL.Logo> </GraphiQL.Logo>
          <GraphiQL.Toolbar>
            {({ prettify, copy, merge }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <ExplainButton as={as} />
                <SaveQueryButton />
                <Corrections />
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      </div>
    </>
  )
}

/** The document of a query; `undefined` if it is not valid, which the response explains. */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query)
  } catch {
    return undefined
  }
}
