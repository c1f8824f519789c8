import { useQuery } from '@tanstack/react-query'
import { Panel, duration } from '@threefactor/shared/ui'

import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import { Figures } from './Figures'
import { REFRESH_MS } from './interval'

/** Sessions of the database and their statements; a role sees those of others only with the right to. */
const ACTIVITY = `
SELECT json_build_object(
  'states', (SELECT coalesce(json_agg(s), '[]') FROM (
    SELECT coalesce(state, 'background') AS state, count(*) AS sessions
    FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1 ORDER BY 2 DESC) s),
  'running', (SELECT coalesce(json_agg(r), '[]') FROM (
    SELECT pid, application_name, extract(epoch FROM clock_timestamp() - query_start) AS seconds,
      wait_event_type AS wait, left(query, 2000) AS query
    FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query <> ''
    ORDER BY query_start LIMIT 20) r))`

interface Activity {
  states: { state: string; sessions: number }[]
  running: { pid: number; application_name: string; seconds: number; wait: string | null; query: string }[]
}

/** Sessions of the database by state, and the statements that are running. */
export function DatabasePanel() {
  const engine = useEngine()
  const activity = useQuery({
    queryKey: ['activity'],
    queryFn: () => engine.json<Activity>(ACTIVITY),
    refetchInterval: REFRESH_MS,
  })
  return (
    <Panel title="Database">
      <Loaded query={activity} label="Loading the sessions">
        {({ states, running }) => (
          <div className={table.stack}>
            <Figures
              figures={states.map(({ state, sessions }) => ({ name: `Sessions: ${state}`, value: sessions }))}
            />
            <Table
              label="Running statements"
              columns={[{ name: 'Running for', kind: 'number' }, 'Waits for', 'Client', 'Statement']}
              empty="No statement is running"
            >
              {running.map(({ pid, application_name, seconds, wait, query }) => (
                <tr key={pid}>
                  <td className={table.number}>{duration(seconds * 1000)}</td>
                  <td>{wait ?? '–'}</td>
                  <td>{application_name}</td>
                  <td className={table.code}>{query}</td>
                </tr>
              ))}
            </Table>
          </div>
        )}
      </Loaded>
    </Panel>
  )
}
