import { EmptyState, PageTitle, Shell, UserMenu, orderIdFromPath, useSessionState } from '@threefactor/shared'
import { Pizza, ReceiptText, UtensilsCrossed } from 'lucide-react'
import { Link, Route, Switch } from 'wouter'

import { CartProvider } from './features/menu/CartProvider'
import { MenuPage } from './features/menu/MenuPage'
import { OrderPage } from './features/order/OrderPage'
import { OrdersPage } from './features/orders/OrdersPage'
import { PayAllProvider } from './features/orders/PayAllProvider'
import { LoginPage } from './features/session/LoginPage'

const NAV = [
  { href: '/', label: 'Menu', icon: <UtensilsCrossed size={18} /> },
  { href: '/orders', label: 'Orders', icon: <ReceiptText size={18} /> },
]

/** App for customers. */
export function App() {
  const { session } = useSessionState()
  const user = session?.account.userId
  return (
    <Shell
      name="Presto"
      logo={<Pizza size={20} />}
      nav={user === undefined ? [] : NAV}
      actions={<UserMenu />}
    >
      {user === undefined ? (
        <LoginPage />
      ) : (
        <CartProvider key={user} user={user}>
          <PayAllProvider user={user}>
            <Switch>
              <Route path="/">
                <MenuPage user={user} />
              </Route>
              <Route path="/orders">
                <OrdersPage user={user} />
              </Route>
              <Route path="/orders/:id">
                {({ id }) => (
                  <OrderPage key={id} user={user} id={orderIdFromPath(window.location.pathname)} />
                )}
              </Route>
              <Route>
                <PageTitle title="Page not found" />
                <EmptyState title="This page does not exist">
                  <Link href="/">Back to the menu</Link>
                </EmptyState>
              </Route>
            </Switch>
          </PayAllProvider>
        </CartProvider>
      )}
    </Shell>
  )
}
