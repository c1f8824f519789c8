import {
  ConnectionBanner,
  EmptyState,
  LoadingState,
  Shell,
  UserMenu,
  useSessionState,
  type Account,
} from '@threefactor/shared'
import { ChartLine } from 'lucide-react'
import { Suspense, lazy } from 'react'

import { sendUnsent } from './common/unsentSteps'
import { SignInPage } from './features/session/SignInPage'
import { NAV } from './roles/nav'
import { common } from './texts/common'

// Each role loads its own pages only.
const ManagerPages = lazy(() => import('./roles/ManagerPages'))
const RestaurantPages = lazy(() => import('./roles/RestaurantPages'))
const DriverPages = lazy(() => import('./roles/DriverPages'))

/** App for staff: the dashboard of the manager, and the pages of restaurants and drivers. */
export function App() {
  const { session } = useSessionState()
  const account = session?.account
  return (
    <Shell
      name={account?.role === 'manager' ? common.dashboardName : common.staffName}
      logo={<ChartLine size={20} />}
      nav={(account && NAV[account.role]) ?? []}
      actions={<UserMenu beforeSignOut={sendUnsent} />}
      banner={<ConnectionBanner />}
    >
      {account ? (
        <Suspense fallback={<LoadingState rows={6} label={common.loadingPage} />}>
          <Pages key={account.userId} account={account} />
        </Suspense>
      ) : (
        <SignInPage />
      )}
    </Shell>
  )
}

function Pages({ account: { role, restaurantId, driverId } }: { account: Account }) {
  if (role === 'manager') return <ManagerPages />
  if (restaurantId !== undefined) return <RestaurantPages restaurant={restaurantId} />
  if (driverId !== undefined) return <DriverPages driver={driverId} />
  return <EmptyState title={common.noTasks}>{common.noTasksHint}</EmptyState>
}
