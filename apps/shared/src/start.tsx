import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles/default-css-variables.layer.css'
import '@mantine/core/styles/baseline.layer.css'
import '@mantine/core/styles/global.layer.css'
import '@mantine/core/styles/UnstyledButton.layer.css'
import '@mantine/core/styles/VisuallyHidden.layer.css'
import '@mantine/core/styles/ActionIcon.layer.css'
import '@mantine/core/styles/Button.layer.css'
import '@mantine/core/styles/Input.layer.css'
import '@mantine/core/styles/InlineInput.layer.css'
import '@mantine/core/styles/Loader.layer.css'
import '@mantine/core/styles/Progress.layer.css'
import '@mantine/core/styles/SegmentedControl.layer.css'
import '@mantine/core/styles/FloatingIndicator.layer.css'
import '@mantine/core/styles/Skeleton.layer.css'
import '@mantine/core/styles/Stack.layer.css'
import '@mantine/core/styles/Switch.layer.css'
import '@mantine/core/styles/Table.layer.css'
import './theme.css'

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
        title="The app could not load its configuration"
        message="Please reload."
        onRetry={() => window.location.reload()}
      />,
    )
  }
}
