import { Button, NativeSelect, Progress } from '@mantine/core'
import { Notice, PageTitle, Panel, counted, duration, integerText, useLive } from '@threefactor/shared'
import { Gauge } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'

import { MenuDocument } from '../../gql/graphql'
import { CUSTOMER } from './customer'
import classes from './LoadTestPage.module.css'
import { useLoadTest } from './LoadTestProvider'

const COUNTS = [100, 1000, 10_000]

/** Load test of the backend: places many orders as one customer. */
export function LoadTestPage() {
  const { state, start, stop } = useLoadTest()
  const [orders, setOrders] = useState(1000)
  const [dish, setDish] = useState('pizza')
  const menu = useLive(MenuDocument, {}).data?.menu_items ?? []
  const running = state.phase === 'running'
  return (
    <>
      <PageTitle title="Load test" subtitle="Places many orders as fast as the backend accepts them" />
      <Panel title="Orders">
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault()
            start(orders, dish)
          }}
        >
          <NativeSelect
            label="Number of orders"
            value={orders}
            disabled={running}
            onChange={(event) => setOrders(Number(event.currentTarget.value))}
            data={COUNTS.map((count) => ({ value: String(count), label: integerText(count) }))}
          />
          <NativeSelect
            label="Dish"
            value={dish}
            disabled={running}
            onChange={(event) => setDish(event.currentTarget.value)}
            data={menu.length > 0 ? menu.map(({ name }) => name) : [dish]}
          />
          {running ? (
            <Button variant="default" onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button type="submit" leftSection={<Gauge size={17} aria-hidden />}>
              Place {counted(orders, 'order')}
            </Button>
          )}
        </form>
        <p className={classes.hint}>
          The customer of the orders is “{CUSTOMER}”. Sign in to the order app with this name to pay them.
        </p>
        {running && (
          <Progress
            value={(100 * state.progress.placed) / state.progress.of}
            aria-label="Orders placed"
            aria-valuetext={`${integerText(state.progress.placed)} of ${integerText(state.progress.of)}`}
          />
        )}
        <p role="status" className={classes.status}>
          {running &&
            `Placed ${integerText(state.progress.placed)} of ${counted(state.progress.of, 'order')}`}
          {state.phase === 'done' &&
            `${counted(state.progress.of, 'order')} placed in ${duration(state.milliseconds)}. `}
          {state.phase === 'stopped' &&
            `Stopped after ${counted(state.progress.placed, 'order')} in ${duration(state.milliseconds)}. `}
          {(state.phase === 'done' || state.phase === 'stopped') && <Link href="/">Overview</Link>}
        </p>
        {state.phase === 'failed' && (
          <Notice tone="bad" title={`Stopped after ${counted(state.progress.placed, 'order')}`}>
            {state.message}
          </Notice>
        )}
      </Panel>
    </>
  )
}
