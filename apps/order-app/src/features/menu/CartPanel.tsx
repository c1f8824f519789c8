import { Button, TextInput } from '@mantine/core'
import { useInViewport, useLocalStorage } from '@mantine/hooks'
import { Notice, Panel, counted, money, useConfig } from '@threefactor/shared'
import { useRef, useState, type SubmitEvent } from 'react'
import { useClient } from 'urql'
import { useLocation } from 'wouter'

import { orderPath } from '../order/paths'
import { cartCount, cartTotal, type Line } from './cart'
import classes from './CartPanel.module.css'
import { useCart } from './CartProvider'
import { LoadTest } from './LoadTest'
import { newOrderId } from './orderId'
import { placeOrders } from './placeOrders'
import { RestaurantSelect } from './RestaurantSelect'

/** Cart, delivery address and restaurant, with the button that places the order. */
export function CartPanel({
  user,
  lines,
  loadTest,
}: {
  user: string
  lines: readonly Line[]
  /** Shows the load test for developers below the form. */
  loadTest: boolean
}) {
  const client = useClient()
  const { access } = useConfig()
  const [, navigate] = useLocation()
  const { ref: panel, inViewport } = useInViewport()
  const { clear } = useCart()
  const [address, setAddress] = useLocalStorage({
    key: '3factor.address.1',
    defaultValue: '12 Rainbow Road',
    getInitialValueInEffect: false,
  })
  const [restaurant, setRestaurant] = useState<number>(1)
  const [state, setState] = useState<{ busy: boolean; error?: string }>({ busy: false })
  // Kept after a failed attempt: if only the response was lost, sending the same content again places the same order.
  const sent = useRef({ content: '', id: '' })

  const soldOut = lines.some(({ dish }) => !dish.available)
  const draft = {
    ...(access === 'open' && { user }),
    address,
    restaurant,
    items: lines.map(({ dish, quantity }) => ({ item: dish.name, quantity })),
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setState({ busy: true })
    const content = JSON.stringify(draft)
    if (sent.current.content !== content) sent.current = { content, id: newOrderId() }
    const { id } = sent.current
    try {
      await placeOrders(client, [id], draft)
      clear()
      navigate(orderPath(id))
    } catch (error) {
      setState({ busy: false, error: (error as Error).message })
    }
  }

  return (
    <div className={classes.side} id="cart" ref={panel}>
      <Panel title="Your order" aside={lines.length > 0 && <span>{counted(cartCount(lines), 'item')}</span>}>
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          {lines.length === 0 ? (
            <p className={classes.empty}>Your cart is empty. Add a dish from the menu.</p>
          ) : (
            <ul className={classes.lines}>
              {lines.map(({ dish, quantity, amount }) => (
                <li key={dish.name} className={classes.line}>
                  <span className={classes.times}>{quantity} ×</span>
                  <span className={classes.dish}>
                    {dish.name}
                    {!dish.available && (
                      <span className={classes.warning}>Sold out. Remove it to continue.</span>
                    )}
                  </span>
                  <span className={classes.amount}>{money(amount)}</span>
                </li>
              ))}
            </ul>
          )}
          <div className={classes.total}>
            <span>Total</span>
            <output data-testid="cart-total">{money(cartTotal(lines))}</output>
          </div>
          <TextInput
            label="Deliver to"
            name="address"
            autoComplete="street-address"
            maxLength={250}
            required
            withAsterisk={false}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <RestaurantSelect value={restaurant} onChange={setRestaurant} />
          {state.error && (
            <Notice tone="bad" title="Something went wrong">
              {state.error}
            </Notice>
          )}
          <Button
            type="submit"
            size="md"
            fullWidth
            loading={state.busy}
            disabled={lines.length === 0 || soldOut}
          >
            Place order
          </Button>
        </form>
        {loadTest && <LoadTest draft={draft} />}
      </Panel>
      {lines.length > 0 && !inViewport && (
        <a href="#cart" className={classes.jump}>
          <span>Your order · {counted(cartCount(lines), 'item')}</span>
          <span>{money(cartTotal(lines))}</span>
        </a>
      )}
    </div>
  )
}
