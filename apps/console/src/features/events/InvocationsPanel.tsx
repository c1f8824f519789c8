import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { EmptyState, Panel } from '@threefactor/shared/ui'

import { prettyJson } from '../../common/json'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import { utcTime } from './EventsPanel'

/** Number of invocations of the list. */
const MAX_INVOCATIONS = 50

interface Invocation {
  id: string
  event_id: string
  http_status: number | null
  request: unknown
  response: unknown
  created_at: string
}

/** Calls of the webhook with request and response, newest first. */
export function InvocationsPanel({ trigger }: { trigger: string }) {
  const engine = useEngine()
  const invocations = useQuery({
    queryKey: ['invocations', trigger],
    queryFn: () =>
      engine.metadata<Invocation[]>('pg_get_event_invocation_logs', {
        source: 'default',
        name: trigger,
        limit: MAX_INVOCATIONS,
      }),
  })
  return (
    <Panel
      title="Invocations"
      aside={
        <Button
          variant="default"
          loading={invocations.isRefetching}
          onClick={() => void invocations.refetch()}
        >
          Refresh
        </Button>
      }
    >
      <Loaded query={invocations} label="Loading the invocations">
        {(list) =>
          list.length === 0 ? (
            <EmptyState title="The webhook has not been called yet" />
          ) : (
            <Table label="List of invocations" columns={['Time', 'Status', 'Event', 'Details']}>
              {list.map(({ id, event_id, http_status, request, response, created_at }) => (
                <tr key={id}>
                  <td>{utcTime(created_at)}</td>
                  <td {...(!isSuccess(http_status) && { className: table.bad })}>
                    {http_status ?? 'no response'}
                  </td>
                  <td className={table.code}>{event_id}</td>
                  <td>
                    <details>
                      <summary>Request and response</summary>
                      <pre className={table.block}>{prettyJson(request)}</pre>
                      <pre className={table.block}>{prettyJson(response)}</pre>
                    </details>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Panel>
  )
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}
