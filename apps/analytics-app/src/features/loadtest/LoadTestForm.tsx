import { Button, NativeSelect } from '@mantine/core'
import { Notice, counted, integerText, useLive } from '@threefactor/shared'
import { Gauge } from 'lucide-react'
import { useState } from 'react'

import { MenuDocument, RestaurantsDocument } from '../../gql/graphql'
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
  const listed = useLive(RestaurantsDocument, {}).data?.restaurants
  const menu = useLive(MenuDocument, { restaurant: restaurantId }).data?.menu_items
  const restaurant = listed?.find(({ id }) => id === restaurantId)
  // The first dish of a menu without the one that was chosen before.
  const dish =
    menu?.find(({ name }) => name === dishName) ?? menu?.find(({ available }) => available) ?? menu?.[0]
  const loaded = listed !== undefined && menu !== undefined
  const obstacle = loaded ? obstacleOf({ restaurant, dish }) : undefined
  const running = state.phase === 'running'
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
          label="Number of orders"
          value={orders}
          disabled={running}
          onChange={(event) => setOrders(Number(event.currentTarget.value))}
          data={COUNTS.map((count) => ({ value: String(count), label: integerText(count) }))}
        />
        <NativeSelect
          label="Restaurant"
          value={restaurantId}
          disabled={running}
          onChange={(event) => setRestaurantId(Number(event.currentTarget.value))}
          data={(listed ?? []).map(({ id, name, open }) => ({
            value: String(id),
            label: open ? name : `${name} (closed)`,
          }))}
        />
        <NativeSelect
          label="Dish"
          value={dish?.name ?? ''}
          disabled={running}
          onChange={(event) => setDishName(event.currentTarget.value)}
          data={(menu ?? []).map(({ name, available }) => ({
            value: name,
            label: available ? name : `${name} (sold out)`,
          }))}
        />
        {running ? (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button
            type="submit"
            disabled={!loaded || obstacle !== undefined}
            leftSection={<Gauge size={17} aria-hidden />}
          >
            Place {counted(orders, 'order')}
          </Button>
        )}
      </form>
      {obstacle !== undefined && !running && (
        <div className={classes.obstacle}>
          <Notice tone="waiting" title="The orders would be refused">
            {obstacle}
          </Notice>
        </div>
      )}
    </>
  )
}
