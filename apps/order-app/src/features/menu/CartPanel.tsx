import { Button, TextInput } from '@mantine/core'
import {
  Notice,
  Panel,
  counted,
  customerMessage,
  money,
  newOrderId,
  orderPath,
  useConfig,
  useLive,
} from '@threefactor/shared'
import { useRef, useState, type SubmitEvent } from 'react'
import { useClient } from 'urql'
import { useLocation } from 'wouter'

import { RestaurantsDocument } from '../../gql/graphql'
import { cartCount, cartTotal, type Dish, type Line } from './cart'
import { CartBar } from './CartBar'
import { CartLines } from './CartLines'
import classes from './CartPanel.module.css'
import { useCart } from './CartProvider'
import { MAX_ADDRESS, addressProblem, obstacle } from './obstacle'

import { placeOrder } from './placeOrder'
import { RestaurantSelect } from './RestaurantSelect'
import { useStoredText } from './useStoredText'

/** Cart, delivery address and restaurant, with the button that places the order. */
export function CartPanel({
  user,
  menu,
  lines,
}: {
  user: string
  menu: readonly Dish[]
  lines: readonly Line[]
}) {
  const client = useClient()
  const { access } = useConfig()
  const [, navigate] = useLocation()
  const cart = useCart()
  const [address, setAddress] = useStoredText(user, 'address', '12 Rainbow Road')
  const [restaurant, setRestaurant] = useStoredText(user, 'restaurant', '1')
  const { data, error } = useLive(RestaurantsDocument, {})
  const restaurants = data?.restaurants ?? []
  // A stored restaurant may no longer exist.
  const chosen = restaurants.find(({ id }) => String(id) === restaurant) ?? restaurants[0]
  const [state, setState] = useState<{ busy: boolean; error?: string; address?: string | undefined }>({
    busy: false,
  })
  const submitButton = useRef<HTMLButtonElement>(null)
  const addressInput = useRef<HTMLInputElement>(null)
  // Kept after a failed attempt: if only the response was lost, sending the same content again places the same order.
  const sent = useRef({ content: '', id: '' })

  const reason = obstacle(lines, chosen)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const problem = addressProblem(address)
    setState({ busy: problem === undefined, address: problem })
    if (problem !== undefined) {
      addressInput.current?.focus()
      return
    }
    const draft = {
      ...(access === 'open' && { user }),
      address: address.trim(),
      restaurant: chosen?.id ?? Number(restaurant),
      items: lines.map(({ dish, quantity }) => ({ item: dish.name, quantity })),
    }
    const content = JSON.stringify(draft)
    if (sent.current.content !== content) sent.current = { content, id: newOrderId() }
    const { id } = sent.current
    try {
      await placeOrder(client, id, draft)
      cart.replace({})
      navigate(orderPath(id))
    } catch (error) {
      setState({ busy: false, error: (error as Error).message })
    }
  }

  return (
    <div className={classes.side} id="cart">
      <Panel title="Your order" aside={lines.length > 0 && <span>{counted(cartCount(lines), 'item')}</span>}>
        <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
          {lines.length === 0 ? (
            <p className={classes.empty}>Your cart is empty. Add a dish from the menu.</p>
          ) : (
            <CartLines
              lines={lines}
              onRemove={(dish) => cart.setQuantity(dish, 0)}
              onAccept={() => cart.acceptPrices(menu)}
            />
          )}
          <div className={classes.total}>
            <span>Total</span>
            <output data-testid="cart-total">{money(cartTotal(lines))}</output>
          </div>
          <TextInput
            ref={addressInput}
            label="Deliver to"
            name="address"
            autoComplete="street-address"
            maxLength={MAX_ADDRESS}
            required
            withAsterisk={false}
            value={address}
            error={state.address}
            onChange={(event) => {
              setAddress(event.currentTarget.value)
              setState({ busy: false })
            }}
          />
          <RestaurantSelect
            restaurants={restaurants}
            value={chosen?.id ?? Number(restaurant)}
            error={error && !data ? customerMessage(error) : undefined}
            onChange={(id) => setRestaurant(String(id))}
          />
          {state.error && (
            <Notice tone="bad" title="Something went wrong">
              {state.error}
            </Notice>
          )}
          {reason !== undefined && lines.length > 0 && (
            <p className={classes.reason} id="cart-reason">
              {reason}
            </p>
          )}
          <Button
            ref={submitButton}
            type="submit"
            size="md"
            fullWidth
            loading={state.busy}
            disabled={reason !== undefined}
            aria-describedby={reason === undefined ? undefined : 'cart-reason'}
          >
            Place order
          </Button>
        </form>
      </Panel>
      {lines.length > 0 && <CartBar lines={lines} button={submitButton} />}
    </div>
  )
}
