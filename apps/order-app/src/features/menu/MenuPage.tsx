import {
  EmptyState,
  ErrorState,
  LoadingState,
  PageTitle,
  customerMessage,
  useLive,
} from '@threefactor/shared'
import { UtensilsCrossed } from 'lucide-react'

import { MenuDocument } from '../../gql/graphql'
import { cartLines } from './cart'
import { CartPanel } from './CartPanel'
import { useCart } from './CartProvider'
import { DishCard } from './DishCard'
import classes from './MenuPage.module.css'

/** Menu and cart. With `loadTest`, a page for developers that places the same order many times. */
export function MenuPage({ user, loadTest = false }: { user: string; loadTest?: boolean }) {
  const { data, loading, error, retry } = useLive(MenuDocument, {})
  const { cart, setQuantity } = useCart()
  const menu = data?.menu_items ?? []
  return (
    <>
      <PageTitle title={loadTest ? 'Load test' : 'What would you like?'} />
      <div className={classes.columns}>
        <div>
          {loading && <LoadingState rows={6} label="Loading the menu" />}
          {error && !data && <ErrorState message={customerMessage(error)} onRetry={retry} />}
          {data && menu.length === 0 && (
            <EmptyState icon={<UtensilsCrossed size={28} />} title="The menu is empty" />
          )}
          <ul className={classes.dishes}>
            {menu.map((dish) => (
              <DishCard
                key={dish.name}
                dish={dish}
                quantity={cart[dish.name] ?? 0}
                onChange={(quantity) => setQuantity(dish.name, quantity)}
              />
            ))}
          </ul>
        </div>
        <CartPanel user={user} lines={cartLines(cart, menu)} loadTest={loadTest} />
      </div>
    </>
  )
}
