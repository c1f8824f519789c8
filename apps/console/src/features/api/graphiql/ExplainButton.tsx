import { ToolbarButton, useGraphiQL } from '@graphiql/react'
import { Button } from '@mantine/core'
import { Dialog, LoadingState } from '@threefactor/shared/ui'
import { Telescope } from 'lucide-react'
import { useState } from 'react'

import { Failure } from '../../../common/Failure'
import { parseJson } from '../../../common/json'
import { useEngine } from '../../../engine/context'
import type { AsRole } from '../../../engine/engine'
import classes from './GraphiqlPage.module.css'

interface Plan {
  field: string
  sql: string | null
  plan: string[] | null
}

type State = { plans: Plan[] } | { error: unknown } | 'loading' | undefined

/** Shows the SQL of the query in the editor, and the plan of Postgres. */
export function ExplainButton({ as }: { as: AsRole | undefined }) {
  const engine = useEngine()
  const query = useGraphiQL((state) => state.queryEditor)
  const variables = useGraphiQL((state) => state.variableEditor)
  const operationName = useGraphiQL((state) => state.operationName)
  const [state, setState] = useState<State>()
  const explain = async () => {
    setState('loading')
    try {
      const answer = await engine.post<Plan | Plan[]>('/v1/graphql/explain', {
        query: {
          query: query?.getValue() ?? '',
          variables: parseJson(variables?.getValue() ?? '').value ?? {},
          operationName: operationName ?? null,
        },
        ...(as && { user: { ...as.variables, 'x-hasura-role': as.role } }),
      })
      setState({ plans: Array.isArray(answer) ? answer : [answer] })
    } catch (error) {
      setState({ error })
    }
  }
  return (
    <>
      <ToolbarButton label="Explain: SQL and plan of the query" onClick={() => void explain()}>
        <Telescope className="graphiql-toolbar-icon" aria-hidden />
      </ToolbarButton>
      {state !== undefined && (
        <Dialog title="Plan of the query" onClose={() => setState(undefined)}>
          <div className={classes.plan}>
            {state === 'loading' && <LoadingState rows={2} label="Loading the plan" />}
            {typeof state === 'object' && 'error' in state && <Failure error={state.error} />}
            {typeof state === 'object' &&
              'plans' in state &&
              state.plans.map(({ field, sql, plan }) => (
                <section key={field}>
                  <h3>{field}</h3>
                  {plan && <pre aria-label={`Plan of ${field}`}>{plan.join('\n')}</pre>}
                  {sql !== null && (
                    <details>
                      <summary>SQL</summary>
                      <pre>{sql}</pre>
                    </details>
                  )}
                </section>
              ))}
            <Button variant="default" autoFocus onClick={() => setState(undefined)}>
              Close
            </Button>
          </div>
        </Dialog>
      )}
    </>
  )
}
