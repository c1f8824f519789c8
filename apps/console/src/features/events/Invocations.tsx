import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { Empty } from '../../common/Empty'
import { JsonDetails } from '../../common/JsonDetails'
import { Loaded } from '../../common/Loaded'
import { ShowMore } from '../../common/ShowMore'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import type { Engine } from '../../engine/engine'
import { utcTime } from './time'

/** Number of invocations of a list at first, and of those that are loaded more. */
const STEP = 50

/** Call of a webhook. */
export interface Invocation {
  id: string
  event_id: string
  status: number | null
  request: unknown
  response: unknown
  created_at: string
}

/** Calls of a webhook with request and response, newest first. */
export function Invocations({
  of,
  read,
}: {
  /** Key of what was called. */
  of: readonly string[]
  read: (engine: Engine, limit: number) => Promise<Invocation[]>
}) {
  const engine = useEngine()
  const [limit, setLimit] = useState(STEP)
  const invocations = useQuery({
    queryKey: ['invocations', ...of, limit],
    queryFn: () => read(engine, limit),
    placeholderData: keepPreviousData,
  })
  return (
    <div className={table.stack}>
      <div className={table.row}>
        <Button
          variant="default"
          loading={invocations.isRefetching}
          onClick={() => void invocations.refetch()}
        >
          Refresh
        </Button>
      </div>
      <Loaded query={invocations} label="Loading the invocations">
        {(list) =>
          list.length === 0 ? (
            <Empty title="The webhook has not been called yet" />
          ) : (
            <>
              <Table label="List of invocations" columns={['Time', 'Status', 'Event', 'Details']}>
                {list.map(({ id, event_id, status, request, response, created_at }) => (
                  <tr key={id}>
                    <td>{utcTime(created_at)}</td>
                    <td {...(!isSuccess(status) && { className: table.bad })}>{statusText(status)}</td>
                    <td className={table.code}>{event_id}</td>
                    <td>
                      <JsonDetails summary="Request and response" values={[request, response]} />
                    </td>
                  </tr>
                ))}
              </Table>
              <ShowMore shown={list.length} limit={limit} step={STEP} onMore={setLimit} />
            </>
          )
        }
      </Loaded>
    </div>
  )
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

/** Status of a response. Without one, the log contains a number that is not a status of HTTP. */
function statusText(status: number | null): string {
  return status === null || status > 599 ? 'no response' : String(status)
}
