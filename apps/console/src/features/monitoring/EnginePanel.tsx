import { useQuery } from '@tanstack/react-query'
import { Panel, clockTime, integerText } from '@threefactor/shared/ui'

import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import { Figures } from './Figures'
import { REFRESH_MS } from './interval'

interface Status {
  connections: { open: number; busy: number; idle: number; unauthenticated: number; limit: number } | null
  pollers: number
  pool: { size: number; available: number; waiting: number; max: number }
  slow_requests: {
    at: number
    ms: number
    method: string
    path: string
    operation: string | null
    status: number
    request_id: string
  }[]
}

/** Connections, pollers and slow requests of the engine. */
export function EnginePanel() {
  const engine = useEngine()
  const status = useQuery({
    queryKey: ['status'],
    queryFn: () => engine.get<Status>('/v1alpha1/status'),
    refetchInterval: REFRESH_MS,
  })
  return (
    <Loaded query={status} label="Loading the state of the engine">
      {({ connections, pollers, pool, slow_requests: slow }) => (
        <>
          <Panel title="Engine">
            <Figures
              figures={[
                ...(connections
                  ? [
                      { name: 'Client connections', value: connections.open, of: connections.limit },
                      { name: 'Busy, or WebSockets', value: connections.busy },
                    ]
                  : []),
                { name: 'Live queries', value: pollers },
                { name: 'Database connections', value: pool.size, of: pool.max },
                { name: 'In use', value: pool.size - pool.available },
                { name: 'Requests that wait for one', value: pool.waiting },
              ]}
            />
          </Panel>
          <Panel title="Slow requests">
            <Table
              label="Slow requests"
              columns={[
                'Time',
                { name: 'Duration', kind: 'number' },
                'Request',
                'Operation',
                { name: 'Status', kind: 'number' },
                'Request id',
              ]}
              empty="No request took 250 ms or longer"
            >
              {slow.map(({ at, ms, method, path, operation, status, request_id }) => (
                <tr key={`${request_id} ${at}`}>
                  <td>{clockTime(new Date(at * 1000).toISOString())}</td>
                  <td className={table.number}>{integerText(ms)} ms</td>
                  <td className={table.code}>
                    {method} {path}
                  </td>
                  <td>{operation}</td>
                  <td className={table.number}>{status}</td>
                  <td className={table.code}>{request_id}</td>
                </tr>
              ))}
            </Table>
          </Panel>
        </>
      )}
    </Loaded>
  )
}
