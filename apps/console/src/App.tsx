import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { ErrorState, LoadingState, Shell } from '@threefactor/shared/ui'
import { Activity, Database, LogOut, Play, Settings, SquareTerminal, Zap } from 'lucide-react'
import { Suspense, lazy, useMemo, useState } from 'react'
import { Redirect, Route, Switch } from 'wouter'

import { EngineProvider } from './engine/context'
import { Engine } from './engine/engine'
import { messageOf } from './engine/errors'
import { SignInPage } from './features/access/SignInPage'
import { forgetSecret, readSecret, storeSecret } from './features/access/secret'
import { useAccess } from './features/access/useAccess'
import { NotFoundPage } from './frame/NotFoundPage'

const ApiPages = lazy(() => import('./features/api/ApiPages'))
const DataPages = lazy(() => import('./features/data/DataPages'))
const EventPages = lazy(() => import('./features/events/EventPages'))
const SettingsPage = lazy(() => import('./features/settings/SettingsPage'))
const MonitoringPage = lazy(() => import('./features/monitoring/MonitoringPage'))

const NAV = [
  { href: '/api', label: 'API', icon: <Play size={18} /> },
  { href: '/data', label: 'Data', icon: <Database size={18} /> },
  { href: '/events', label: 'Events', icon: <Zap size={18} /> },
  { href: '/settings', label: 'Settings', icon: <Settings size={18} /> },
  { href: '/monitoring', label: 'Monitoring', icon: <Activity size={18} /> },
]

/** Console of the engine that serves it. */
export function App() {
  const queries = useQueryClient()
  const [secret, setSecret] = useState(readSecret)
  const [wasRefused, setWasRefused] = useState(false)
  const signOut = () => {
    forgetSecret()
    queries.clear()
    setSecret(undefined)
  }
  const engine = useMemo(
    () =>
      new Engine(secret, () => {
        forgetSecret()
        setWasRefused(secret !== undefined)
        setSecret(undefined)
      }),
    [secret],
  )
  const access = useAccess(engine)
  return (
    <Shell
      name="Console"
      logo={<SquareTerminal size={20} />}
      nav={access.state === 'granted' ? NAV : []}
      actions={
        access.state === 'granted' &&
        secret !== undefined && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<LogOut size={16} aria-hidden />}
            onClick={signOut}
          >
            Sign out
          </Button>
        )
      }
    >
      {access.state === 'checking' && <LoadingState rows={4} label="Connecting to the engine" />}
      {access.state === 'failed' && (
        <ErrorState
          title="No connection to the engine"
          message={messageOf(access.error)}
          onRetry={access.retry}
        />
      )}
      {access.state === 'refused' && (
        <SignInPage
          wasRefused={wasRefused}
          onSubmit={(text) => {
            storeSecret(text)
            setWasRefused(false)
            queries.clear()
            setSecret(text)
          }}
        />
      )}
      {access.state === 'granted' && (
        <EngineProvider value={engine}>
          <Suspense fallback={<LoadingState rows={6} label="Loading the page" />}>
            <Switch>
              <Route path="/">
                <Redirect to="/api" replace />
              </Route>
              <Route path="/api/*?" component={ApiPages} />
              <Route path="/data/*?" component={DataPages} />
              <Route path="/events/*?" component={EventPages} />
              <Route path="/settings" component={SettingsPage} />
              <Route path="/monitoring" component={MonitoringPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </EngineProvider>
      )}
    </Shell>
  )
}
