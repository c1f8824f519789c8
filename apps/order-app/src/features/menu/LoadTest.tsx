import { Button, Progress } from '@mantine/core'
import { Notice, counted, duration, integerText } from '@threefactor/shared'
import { Gauge } from 'lucide-react'
import { useState } from 'react'
import { useClient } from 'urql'
import { Link } from 'wouter'

import classes from './LoadTest.module.css'
import { newOrderId } from './orderId'
import { placeOrders, type Draft } from './placeOrders'

const ORDERS = 1000
/** Small enough to show progress. */
const ORDERS_PER_MUTATION = 100

type State =
  | { phase: 'idle' }
  | { phase: 'running'; placed: number }
  | { phase: 'done'; seconds: number }
  | { phase: 'failed'; placed: number; message: string }

/** Load test of the backend: places the order in the cart many times. */
export function LoadTest({ draft }: { draft: Draft }) {
  const client = useClient()
  const [state, setState] = useState<State>({ phase: 'idle' })

  const run = async () => {
    const started = performance.now()
    let placed = 0
    setState({ phase: 'running', placed })
    try {
      while (placed < ORDERS) {
        const count = Math.min(ORDERS_PER_MUTATION, ORDERS - placed)
        await placeOrders(client, Array.from({ length: count }, newOrderId), draft)
        placed += count
        setState({ phase: 'running', placed })
      }
      setState({ phase: 'done', seconds: (performance.now() - started) / 1000 })
    } catch (error) {
      setState({ phase: 'failed', placed, message: (error as Error).message })
    }
  }

  const running = state.phase === 'running'
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
        Place this order {integerText(ORDERS)} times
      </Button>
      {running && (
        <div>
          <Progress
            value={(100 * state.placed) / ORDERS}
            aria-label="Orders placed"
            aria-valuetext={`${integerText(state.placed)} of ${integerText(ORDERS)}`}
          />
          <p className={classes.text} role="status">
            {integerText(state.placed)} of {integerText(ORDERS)} placed
          </p>
        </div>
      )}
      {state.phase === 'done' && (
        <p className={classes.text} role="status">
          {counted(ORDERS, 'order')} placed in {duration(state.seconds * 1000)}.{' '}
          <Link href="/orders">View orders</Link>
        </p>
      )}
      {state.phase === 'failed' && (
        <Notice tone="bad" title={`Stopped after ${counted(state.placed, 'order')}`}>
          {state.message}
        </Notice>
      )}
    </div>
  )
}
