import { useQuery } from '@tanstack/react-query'
import { Panel, integerText } from '@threefactor/shared/ui'

import { Empty } from '../../common/Empty'
import { Loaded } from '../../common/Loaded'
import { useEngine } from '../../engine/context'
import { REFRESH_MS } from './interval'
import classes from './ThroughputPanel.module.css'

/** Calls of webhooks per minute of the last half hour. The index on the time finds them. */
const CALLS = `
SELECT coalesce(json_agg(m), '[]') FROM (
  SELECT ago, count(l.created_at) AS calls, count(l.created_at) FILTER (WHERE NOT l.status BETWEEN 200 AND 299) AS failed
  FROM generate_series(29, 0, -1) AS ago
  LEFT JOIN hdb_catalog.event_invocation_logs l
    ON l.created_at >= timezone('utc', date_trunc('minute', now())) - interval '29 minutes'
    AND l.created_at >= timezone('utc', date_trunc('minute', now())) - make_interval(mins => ago)
    AND l.created_at < timezone('utc', date_trunc('minute', now())) - make_interval(mins => ago - 1)
  GROUP BY ago ORDER BY ago DESC
) m`

interface Minute {
  ago: number
  calls: number
  failed: number
}

/** Chart of the calls of webhooks. */
export function ThroughputPanel() {
  const engine = useEngine()
  const calls = useQuery({
    queryKey: ['throughput'],
    queryFn: () => engine.json<Minute[]>(CALLS),
    refetchInterval: REFRESH_MS * 5,
  })
  return (
    <Panel title="Calls of webhooks per minute">
      <Loaded query={calls} label="Loading the calls">
        {(minutes) => {
          const most = Math.max(...minutes.map(({ calls }) => calls))
          const [all, failed] = [
            sum(minutes.map(({ calls }) => calls)),
            sum(minutes.map(({ failed }) => failed)),
          ]
          if (most === 0) return <Empty title="No webhook was called in the last half hour" />
          return (
            <figure className={classes.figure}>
              <div className={classes.bars} aria-hidden>
                {minutes.map(({ ago, calls, failed }) => (
                  <div
                    key={ago}
                    className={classes.bar}
                    title={`${calls} calls, ${failed} failed, ${ago} minutes ago`}
                  >
                    <div className={classes.failed} style={{ height: `${(failed / most) * 100}%` }} />
                    <div
                      className={classes.calls}
                      style={{ height: `${((calls - failed) / most) * 100}%` }}
                    />
                  </div>
                ))}
              </div>
              <div className={classes.axis} aria-hidden>
                <span>30 minutes ago</span>
                <span>now</span>
              </div>
              <figcaption className={classes.caption}>
                <span>
                  <span className={`${classes.key} ${classes.calls}`} aria-hidden />{' '}
                  {integerText(all - failed)} successful calls
                </span>
                <span>
                  <span className={`${classes.key} ${classes.failed}`} aria-hidden /> {integerText(failed)}{' '}
                  failed
                </span>
                <span>at most {integerText(most)} per minute</span>
              </figcaption>
            </figure>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
