import { Button, TextInput, Textarea } from '@mantine/core'
import { Notice, money, newOrderId, orderPath, useConfig } from '@threefactor/shared'
import { useRef, useState, type RefObject, type SubmitEvent } from 'react'
import { useClient } from 'urql'
import { useLocation } from 'wouter'

import { cart as texts } from '../../texts/cart'
import { common } from '../../texts/common'
import type { Restaurant } from '../restaurant/RestaurantsProvider'
import { cartTotal, type Line } from './cart'
import { CartLines } from './CartLines'
import classes from './CartPanel.module.css'
import { useCart } from './CartProvider'
import { MAX_ADDRESS, MAX_NOTE, addressProblem, obstacle } from './obstacle'
import { placeOrder } from './placeOrder'
import { RecentAddresses } from './RecentAddresses'
import { useAddress } from './useAddress'
import { useStoredText } from './useStoredText'

/** Lines of the cart and delivery address, with the button that places the order. */
export function CartForm({
  user,
  restaurant,
  lines,
  submitButton,
}: {
  user: string
  restaurant: Restaurant
  lines: readonly Line[]
  submitButton: RefObject<HTMLButtonElement | null>
}) {
  const client = useClient()
  const { access } = useConfig()
  const [, navigate] = useLocation()
  const cart = useCart()
  const [address, setAddress] = useAddress(user)
  const [note, setNote] = useStoredText(user, `note-${restaurant.id}`, '')
  const [state, setState] = useState<{ busy: boolean; error?: string; address?: string | undefined }>({
    busy: false,
  })
  const addressInput = useRef<HTMLInputElement>(null)
  // Kept after a failed attempt: if only the response was lost, sending the same content again places the same order.
  const sent = useRef({ content: '', id: '' })

  const reason = obstacle(lines, restaurant)
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
      ...(note.trim() !== '' && { note: note.trim() }),
      restaurant: restaurant.id,
      items: lines.map(({ dish, quantity }) => ({ item: dish.name, quantity })),
    }
    const content = JSON.stringify(draft)
    if (sent.current.content !== content) sent.current = { content, id: newOrderId() }
    const { id } = sent.current
    try {
      await placeOrder(client, id, draft)
      cart.clear()
      setNote('')
      navigate(orderPath(id))
    } catch (error) {
      setState({ busy: false, error: (error as Error).message })
    }
  }

  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
      <CartLines
        lines={lines}
        onRemove={(dish) => {
          cart.setQuantity(restaurant, dish, 0)
          // The button that had the focus is removed with its line.
          addressInput.current?.focus()
        }}
        onAccept={() => {
          cart.acceptPrices(restaurant.menu_items)
          addressInput.current?.focus()
        }}
      />
      <div className={classes.total}>
        <span>{texts.total}</span>
        <output data-testid="cart-total">{money(cartTotal(lines))}</output>
      </div>
      <TextInput
        ref={addressInput}
        label={texts.deliverTo}
        name="address"
        autoComplete="street-address"
        maxLength={MAX_ADDRESS}
        required
        withAsterisk={false}
        value={address}
        error={state.address}
        errorProps={{ role: 'alert' }}
        onChange={(event) => {
          setAddress(event.currentTarget.value)
          setState({ busy: false })
        }}
      />
      <RecentAddresses
        selected={address}
        onSelect={(address) => {
          setAddress(address)
          setState({ busy: false })
        }}
      />
      <Textarea
        label={texts.note}
        placeholder={texts.notePlaceholder}
        name="note"
        rows={2}
        maxLength={MAX_NOTE}
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value)
          setState({ busy: false })
        }}
      />
      {state.error && (
        <Notice tone="bad" title={common.somethingWentWrong}>
          {state.error}
        </Notice>
      )}
      {reason !== undefined && (
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
        {texts.place}
      </Button>
    </form>
  )
}
