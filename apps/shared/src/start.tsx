import './styles'

import { MantineProvider } from '@mantine/core'
import { StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

import { loadConfig } from './config'
import { createLive } from './live/client'
import { BackendProvider } from './live/context'
import { ProviderSignIn } from './session/providerSignIn'
import { SessionStore } from './session/store'
import { ErrorBoundary } from './states/ErrorBoundary'
import { ErrorState } from './states/States'
import { common as texts } from './texts/common'
import { theme } from './theme'

/** Loads the configuration, connects and renders the app into the element `#root`. */
export async function start(app: ReactNode): Promise<void> {
  const element = document.getElementById('root')
  if (!element) throw new Error('the page has no #root')
  const root = createRoot(element)
  const render = (content: ReactNode) =>
    root.render(
      <StrictMode>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <ErrorBoundary>{content}</ErrorBoundary>
        </MantineProvider>
      </StrictMode>,
    )
  try {
    const config = await loadConfig()
    const { sessionStorage } = window
    const provider = config.oidc && new ProviderSignIn(config.oidc, sessionStorage, window)
    const session = new SessionStore(config.loginUrl, sessionStorage, provider)
    render(
      <BackendProvider config={config} session={session} live={createLive(config, session, window)}>
        {app}
      </BackendProvider>,
    )
  } catch (error) {
    console.error(error)
    render(
      <ErrorState
        title={texts.noConfiguration}
        message={texts.reload}
        onRetry={() => window.location.reload()}
      />,
    )
  }
}
