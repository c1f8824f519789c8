import '@graphiql/plugin-explorer/style.css'
import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { useComputedColorScheme } from '@mantine/core'
import { PageTitle } from '@threefactor/shared/ui'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { createClient } from 'graphql-ws'
import { useEffect, useMemo } from 'react'

import { useEngine } from '../../../engine/context'
import classes from './GraphiqlPage.module.css'
import { ExplainButton } from './ExplainButton'
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
  // GraphiQL does not follow a change of the system's scheme.
  const colorScheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const client = useMemo(
    () =>
      createClient({
        url: `${window.location.origin.replace(/^http/, 'ws')}/v1/graphql`,
        connectionParams: { headers: engine.headers(as) },
        lazy: true,
      }),
    [engine, as],
  )
  useEffect(() => () => void client.dispose(), [client])
  const fetcher = useMemo(
    () => createGraphiQLFetcher({ url: '/v1/graphql', headers: engine.headers(as), wsClient: client }),
    [engine, as, client],
  )
  return (
    <>
      <PageTitle title="GraphQL" subtitle={`Requests go to ${window.location.origin}/v1/graphql`} />
      <div className={classes.switch}>
        <RoleSwitch {...role} />
      </div>
      <div className={classes.editor}>
        <GraphiQL
          // The schema differs by role.
          key={JSON.stringify(as ?? null)}
          fetcher={fetcher}
          plugins={PLUGINS}
          defaultQuery={EXAMPLE}
          // The history would keep what is typed there; the role is selected above.
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
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      </div>
    </>
  )
}
