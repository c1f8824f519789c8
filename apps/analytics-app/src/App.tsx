import {
  EmptyState,
  PageTitle,
  Shell,
  UserMenu,
  orderIdFromPath,
  useSessionState,
  type Account,
} from '@threefactor/shared'
import { ChartLine, ChefHat, Gauge, Hourglass, ReceiptText, ToggleRight } from 'lucide-react'
import { Link, Route, Switch } from 'wouter'

import { AvailabilityPage } from './features/availability/AvailabilityPage'
import { DriverPage } from './features/driver/DriverPage'
import { LoadTestPage } from './features/loadtest/LoadTestPage'
import { LoadTestProvider } from './features/loadtest/LoadTestProvider'
import { OrderDetailPage } from './features/orders/OrderDetailPage'
import { OrdersPage } from './features/orders/OrdersPage'
import { OverviewPage } from './features/overview/OverviewPage'
import { RestaurantPage } from './features/restaurant/RestaurantPage'
import { SignInPage } from './features/session/SignInPage'
import { StuckLabel } from './features/stuck/StuckLabel'
import { StuckPage } from './features/stuck/StuckPage'
import { WorkPage } from './features/work/WorkPage'

const NAV = [
  { href: '/', label: 'Overview', icon: <Gauge size={18} /> },
  { href: '/orders', label: 'Orders', icon: <ReceiptText size={18} /> },
  { href: '/work', label: 'Work', icon: <ChefHat size={18} /> },
  { href: '/availability', label: 'Availability', icon: <ToggleRight size={18} /> },
  {
    href: '/stuck',
    label: <StuckLabel />,
    icon: <Hourglass size={18} />,
  },
]

/** App for staff: the dashboard of the manager, and the pages of restaurants and drivers. */
export function App() {
  const { session } = useSessionState()
  const account = session?.account
  return (
    <Shell
      name={account?.role === 'manager' ? 'Presto Dashboard' : 'Presto Staff'}
      logo={<ChartLine size={20} />}
      nav={account?.role === 'manager' ? NAV : []}
      actions={<UserMenu />}
    >
      {account ? <Pages key={account.userId} account={account} /> : <SignInPage />}
    </Shell>
  )
}

function Pages({ account: { role, restaurantId, driverId } }: { account: Account }) {
  if (role === 'manager') return <Dashboard />
  if (restaurantId !== undefined) return <RestaurantPage restaurant={restaurantId} />
  if (driverId !== undefined) return <DriverPage driver={driverId} />
  return <EmptyState title="This account has no tasks">Sign in with a staff account.</EmptyState>
}

function Dashboard() {
  return (
    <LoadTestProvider>
      <DashboardPages />
    </LoadTestProvider>
  )
}

function DashboardPages() {
  return (
    <Switch>
      <Route path="/">
        <OverviewPage />
      </Route>
      <Route path="/orders">
        <OrdersPage />
      </Route>
      <Route path="/orders/:id">
        {({ id }) => <OrderDetailPage key={id} id={orderIdFromPath(window.location.pathname)} />}
      </Route>
      <Route path="/load-test">
        <LoadTestPage />
      </Route>
      <Route path="/work">
        <WorkPage />
      </Route>
      <Route path="/availability">
        <AvailabilityPage />
      </Route>
      <Route path="/stuck">
        <StuckPage />
      </Route>
      <Route>
        <PageTitle title="Page not found" />
        <EmptyState title="This page does not exist">
          <Link href="/">Back to the overview</Link>
        </EmptyState>
      </Route>
    </Switch>
  )
}
