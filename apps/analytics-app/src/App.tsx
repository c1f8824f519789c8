import { EmptyState, PageTitle, Shell } from '@threefactor/shared'
import { ChartLine, ChefHat, Gauge, Hourglass, ToggleRight } from 'lucide-react'
import { Link, Route, Switch } from 'wouter'

import { AvailabilityPage } from './features/availability/AvailabilityPage'
import { OverviewPage } from './features/overview/OverviewPage'
import { StuckLabel } from './features/stuck/StuckLabel'
import { StuckPage } from './features/stuck/StuckPage'
import { WorkPage } from './features/work/WorkPage'

const NAV = [
  { href: '/', label: 'Overview', icon: <Gauge size={18} /> },
  { href: '/work', label: 'Work', icon: <ChefHat size={18} /> },
  { href: '/availability', label: 'Availability', icon: <ToggleRight size={18} /> },
  {
    href: '/stuck',
    label: <StuckLabel />,
    icon: <Hourglass size={18} />,
  },
]

/** Dashboard for staff. */
export function App() {
  return (
    <Shell name="Presto Dashboard" logo={<ChartLine size={20} />} nav={NAV}>
      <Switch>
        <Route path="/">
          <OverviewPage />
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
    </Shell>
  )
}
