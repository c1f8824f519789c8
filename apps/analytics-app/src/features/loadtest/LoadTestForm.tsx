import { Button, NativeSelect } from '@mantine/core'
import { ErrorState, Notice, integerText, staffMessage, useLive } from '@threefactor/shared'
import { Gauge } from 'lucide-react'
import { useState } from 'react'

import { MenuDocument, RestaurantOpeningsDocument, RestaurantsDocument } from '../../gql/graphql'
import { loadTest as texts } from '../../texts/loadTest'
import classes from './LoadTestPage.module.css'
import { useLoadTest } from './LoadTestProvider'
import { obstacleOf } from './obstacle'

const COUNTS = [100, 1000, 10_000]

/** Settings of the load test. */
export function LoadTestForm() {
  const { state, start, stop } = useLoadTest()
  const [orders, setOrders] = useState(1000)
  const [restaurantId, setRestaurantId] = useState(1)
  const [dishName, setDishName] = useState('pizza')
  const restaurants = useLive(RestaurantsDocument, {})
  const openings = useLive(RestaurantOpeningsDocument, {})
  const dishes = useLive(MenuDocument, { restaurant: restaurantId })
  const closed = openings.data?.restaurant_openings
  const listed =
    closed &&
    restaurants.data?.restaurants.map(({ id, name, open }) => ({
      id,
      name,
      open: open && closed.every(({ restaurant_id }) => restaurant_id !== id),
    }))
  const menu = dishes.data?.menu_items
  const restaurant = listed?.find(({ id }) => id === restaurantId)
  // The first dish of a menu without the one that was chosen before.
  const dish =
    menu?.find(({ name }) => name === dishName) ?? menu?.find(({ available }) => available) ?? menu?.[0]
  const loaded = listed !== undefined && menu !== undefined
  const obstacle = loaded ? obstacleOf({ restaurant, dish }) : undefined
  const running = state.phase === 'running'
  const failed = [restaurants, openings, dishes].find(({ data, error }) => error && !data)
  if (failed?.error) return <ErrorState message={staffMessage(failed.error)} onRetry={failed.retry} />
  return (
    <>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (loaded && dish && obstacle === undefined)
            start(orders, { restaurant: restaurantId, dish: dish.name })
        }}
      >
        <NativeSelect
          label={texts.count}
          value={orders}
          disabled={running}
          onChange={(event) => setOrders(Number(event.currentTarget.value))}
          data={COUNTS.map((count) => ({ value: String(count), label: integerText(count) }))}
        />
        <NativeSelect
          label={texts.restaurant}
          value={restaurantId}
          disabled={running}
          onChange={(event) => setRestaurantId(Number(event.currentTarget.value))}
          data={(listed ?? []).map(({ id, name, open }) => ({
            value: String(id),
            label: open ? name : texts.closed(name),
          }))}
        />
        <NativeSelect
          label={texts.dish}
          value={dish?.name ?? ''}
          disabled={running}
          onChange={(event) => setDishName(event.currentTarget.value)}
          data={(menu ?? []).map(({ name, available }) => ({
            value: name,
            label: available ? name : texts.soldOut(name),
          }))}
        />
        {running ? (
          <Button variant="default" onClick={stop}>
            {texts.stop}
          </Button>
        ) : (
          <Button
            type="submit"
            disabled={!loaded || obstacle !== undefined}
            leftSection={<Gauge size={17} aria-hidden />}
          >
            {texts.place(orders)}
          </Button>
        )}
      </form>
      {obstacle !== undefined && !running && (
        <div className={classes.obstacle}>
          <Notice tone="waiting" title={texts.wouldBeRefused}>
            {obstacle}
          </Notice>
        </div>
      )}
    </>
  )
}
