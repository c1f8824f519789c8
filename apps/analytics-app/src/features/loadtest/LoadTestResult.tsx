import { Progress } from '@mantine/core'
import { Notice, counted, duration, integerText } from '@threefactor/shared'
import { Link } from 'wouter'

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
          aria-label="Orders placed"
          aria-valuetext={`${integerText(placed)} of ${integerText(of)}`}
        />
      )}
      <p role="status" className={classes.status}>
        {state.phase === 'running' && `Placed ${integerText(placed)} of ${counted(of, 'order')}`}
        {state.phase === 'done' && `${counted(of, 'order')} placed in ${duration(state.milliseconds)}. `}
        {state.phase === 'stopped' &&
          `Stopped after ${counted(placed, 'order')} in ${duration(state.milliseconds)}. `}
        {(state.phase === 'done' || state.phase === 'stopped') && <Link href="/">Overview</Link>}
      </p>
      {state.phase === 'failed' && (
        <Notice tone="bad" title={`Stopped after ${counted(placed, 'order')}`}>
          {state.message}
        </Notice>
      )}
    </>
  )
}
