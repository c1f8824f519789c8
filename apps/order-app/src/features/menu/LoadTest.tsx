import { Button, Progress } from '@mantine/core'
import { Notice } from '@threefactor/shared'
import { Gauge } from 'lucide-react'
import { useState } from 'react'
import { useClient } from 'urql'
import { Link } from 'wouter'

import classes from './LoadTest.module.css'
import { newOrderId } from './orderId'
import { placeOrders, type Draft } from './placeOrders'

/** How many orders, and how many go into one mutation: few enough that progress can be seen. */
const ORDERS = 1000
const AT_ONCE = 100

type State =
  | { now: 'idle' }
  | { now: 'running'; placed: number }
  | { now: 'done'; seconds: number }
  | { now: 'failed'; placed: number; problem: string }

/** "Order 1000 times": the chosen dishes again and again, to see the backend work. */
export function LoadTest({ draft }: { draft: Draft }) {
  const client = useClient()
  const [state, setState] = useState<State>({ now: 'idle' })

  const run = async () => {
    const started = performance.now()
    let placed = 0
    setState({ now: 'running', placed })
    try {
      while (placed < ORDERS) {
        const count = Math.min(AT_ONCE, ORDERS - placed)
        await placeOrders(client, Array.from({ length: count }, newOrderId), draft)
        placed += count
        setState({ now: 'running', placed })
      }
      setState({ now: 'done', seconds: (performance.now() - started) / 1000 })
    } catch (error) {
      setState({ now: 'failed', placed, problem: (error as Error).message })
    }
  }

  const running = state.now === 'running'
  return (
    <div className={classes.box}>
      <Button
        variant="default"
        fullWidth
        leftSection={<Gauge size={17} aria-hidden />}
        disabled={draft.items.length === 0}
        loading={running}
        onClick={() => void run()}
      >
        Order {ORDERS} times
      </Button>
      {running && (
        <div>
          <Progress
            value={(100 * state.placed) / ORDERS}
            aria-label="Orders placed"
            aria-valuetext={`${state.placed} of ${ORDERS}`}
          />
          <p className={classes.text} role="status">
            {state.placed} of {ORDERS} placed
          </p>
        </div>
      )}
      {state.now === 'done' && (
        <p className={classes.text} role="status">
          {ORDERS} orders placed in {state.seconds.toFixed(1)} s. <Link href="/orders">Watch them</Link>
        </p>
      )}
      {state.now === 'failed' && (
        <Notice tone="bad" title={`Stopped after ${state.placed} orders`}>
          {state.problem}
        </Notice>
      )}
      {state.now === 'idle' && (
        <p className={classes.text}>
          For load: places your order {ORDERS} times, {AT_ONCE} in a mutation.
        </p>
      )}
    </div>
  )
}
