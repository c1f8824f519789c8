import { LoadingState } from '@threefactor/shared/ui'
import { Suspense, lazy } from 'react'
import { Route, Switch } from 'wouter'

import { SubNav } from '../../common/SubNav'
import { NotFoundPage } from '../../frame/NotFoundPage'
import { RestPage } from './rest/RestPage'

// The editor is large.
const GraphiqlPage = lazy(() => import('./graphiql/GraphiqlPage'))

const PARTS = [
  { href: '/api', label: 'GraphQL' },
  { href: '/api/rest', label: 'REST endpoints' },
]

/** GraphQL and REST endpoints. */
export default function ApiPages() {
  return (
    <>
      <SubNav label="Kinds of APIs" entries={PARTS} />
      <Suspense fallback={<LoadingState rows={6} label="Loading the page" />}>
        <Switch>
          <Route path="/api" component={GraphiqlPage} />
          <Route path="/api/rest" component={RestPage} />
          <Route component={NotFoundPage} />
        </Switch>
      </Suspense>
    </>
  )
}
