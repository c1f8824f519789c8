import { Progress } from '@mantine/core'
import { Notice, duration, integerText } from '@threefactor/shared'
import { Link } from 'wouter'

import { common } from '../../texts/common'
import { loadTest as texts } from '../../texts/loadTest'
import { overview } from '../../texts/overview'
import classes from './LoadTestPage.module.css'
import { useLoadTest } from './LoadTestProvider'

/** Progress and result of the load test. */
export function LoadTestResult() {
  const { state } = useLoadTest()
  if (state.phase === 'idle') return <p role="status" className={classes.status} />
  const { placed, of } = state.progress
  return (
    <>
      {state.phase === 'running' && (
        <Progress
          value={(100 * placed) / of}
          aria-label={texts.placed}
          aria-valuetext={texts.progress(integerText(placed), integerText(of))}
        />
      )}
      <p role="status" className={classes.status}>
        {state.phase === 'running' && texts.placing(integerText(placed), common.orders(of))}
        {state.phase === 'done' && texts.done(common.orders(of), duration(state.milliseconds))}
        {state.phase === 'stopped' && texts.stopped(common.orders(placed), duration(state.milliseconds))}
        {(state.phase === 'done' || state.phase === 'stopped') && <Link href="/">{overview.title}</Link>}
      </p>
      {state.phase === 'failed' && (
        <Notice tone="bad" title={texts.failed(common.orders(placed))}>
          {state.message}
        </Notice>
      )}
    </>
  )
}
