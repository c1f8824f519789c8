import { VisuallyHidden } from '@mantine/core'
import { EmptyState, ErrorState, PageTitle, customerMessage, useLive } from '@threefactor/shared'
import { UtensilsCrossed } from 'lucide-react'
import { useState } from 'react'

import { MenuDocument } from '../../gql/graphql'
import { cartLines, type Dish } from './cart'
import { CartPanel } from './CartPanel'
import { useCart } from './CartProvider'
import { DishCard, DishPlaceholder } from './DishCard'
import classes from './MenuPage.module.css'

/** Number of cards while the menu is loading. */
const PLACEHOLDERS = 6

/** Menu and cart. */
export function MenuPage({ user }: { user: string }) {
  const { data, loading, error, retry } = useLive(MenuDocument, {})
  const { cart, setQuantity } = useCart()
  const [announcement, setAnnouncement] = useState('')
  const menu = data?.menu_items ?? []
  const change = (dish: Dish, quantity: number) => {
    setQuantity(dish, quantity)
    setAnnouncement(`${quantity} × ${dish.name} in your order`)
  }
  return (
    <>
      <PageTitle title="What would you like?" />
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      <div className={classes.columns}>
        <div>
          {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
          {data && menu.length === 0 && (
            <EmptyState icon={<UtensilsCrossed size={28} />} title="The menu is empty" />
          )}
          <ul className={classes.dishes} aria-busy={loading}>
            {loading && Array.from({ length: PLACEHOLDERS }, (_, index) => <DishPlaceholder key={index} />)}
            {menu.map((dish) => (
              <DishCard
                key={dish.name}
                dish={dish}
                quantity={cart[dish.name]?.quantity ?? 0}
                onChange={(quantity) => change(dish, quantity)}
              />
            ))}
          </ul>
        </div>
        <CartPanel user={user} menu={menu} lines={cartLines(cart, menu)} />
      </div>
    </>
  )
}
