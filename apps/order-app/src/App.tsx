import {
  ConnectionBanner,
  EmptyState,
  PageTitle,
  Shell,
  StatePicture,
  UserMenu,
  orderIdFromPath,
  useSessionState,
} from '@threefactor/shared'
import { Pizza, ReceiptText, UserRound, UtensilsCrossed } from 'lucide-react'
import { useEffect } from 'react'
import { Link, Route, Switch } from 'wouter'

import { lazyPage } from './common/lazyPage'
import { CartProvider } from './features/cart/CartProvider'
import { HomePage } from './features/home/HomePage'
import { PayAllProvider } from './features/orders/PayAllProvider'
import { restaurantIdOf } from './features/restaurant/paths'
import { RestaurantsProvider } from './features/restaurant/RestaurantsProvider'
import { LoginPage } from './features/session/LoginPage'
import { OrderUpdatesProvider } from './features/updates/OrderUpdatesProvider'
import { common } from './texts/common'

const NAV = [
  { href: '/', label: common.navRestaurants, icon: <UtensilsCrossed size={18} />, within: '/restaurants' },
  { href: '/orders', label: common.navOrders, icon: <ReceiptText size={18} /> },
  { href: '/account', label: common.navAccount, icon: <UserRound size={18} /> },
]

const restaurantPage = lazyPage(
  () => import('./features/restaurant/RestaurantPage').then(({ RestaurantPage }) => RestaurantPage),
  6,
)
const ordersPage = lazyPage(
  () => import('./features/orders/OrdersPage').then(({ OrdersPage }) => OrdersPage),
  6,
)
const orderPage = lazyPage(() => import('./features/order/OrderPage').then(({ OrderPage }) => OrderPage), 5)

const accountPage = lazyPage(
  () => import('./features/account/AccountPage').then(({ AccountPage }) => AccountPage),
  5,
)

/** App for customers. */
export function App() {
  const { session } = useSessionState()
  const user = session?.account.userId
  return (
    <Shell
      name={common.appName}
      logo={<Pizza size={20} />}
      nav={user === undefined ? [] : NAV}
      actions={<UserMenu />}
      banner={<ConnectionBanner />}
    >
      {user === undefined ? <LoginPage /> : <Pages key={user} user={user} />}
    </Shell>
  )
}

/** Pages after sign-in. */
function Pages({ user }: { user: string }) {
  // The first page comes first; the others open at once when they are needed.
  useEffect(() => {
    const timer = setTimeout(
      () => [restaurantPage, ordersPage, orderPage, accountPage].forEach(({ preload }) => preload()),
      1_500,
    )
    return () => clearTimeout(timer)
  }, [])
  return (
    <RestaurantsProvider>
      <CartProvider user={user}>
        <OrderUpdatesProvider user={user}>
          <PayAllProvider user={user}>
            <Switch>
              <Route path="/">
                <HomePage />
              </Route>
              <Route path="/restaurants/:id">
                {({ id }) => <restaurantPage.Page key={id} user={user} id={restaurantIdOf(id)} />}
              </Route>
              <Route path="/orders">
                <ordersPage.Page user={user} />
              </Route>
              <Route path="/orders/:id">
                {({ id }) => (
                  <orderPage.Page key={id} user={user} id={orderIdFromPath(window.location.pathname)} />
                )}
              </Route>
              <Route path="/account">
                <accountPage.Page user={user} />
              </Route>
              <Route>
                <PageTitle title={common.pageNotFound} />
                <EmptyState picture={<StatePicture name="not-found" />} title={common.noSuchPage}>
                  <Link href="/">{common.toRestaurants}</Link>
                </EmptyState>
              </Route>
            </Switch>
          </PayAllProvider>
        </OrderUpdatesProvider>
      </CartProvider>
    </RestaurantsProvider>
  )
}
