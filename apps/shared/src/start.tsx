import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.layer.css'
import './theme.css'

import { MantineProvider } from '@mantine/core'
import { StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

import { loadConfig } from './config'
import { createLive } from './live/client'
import { BackendProvider } from './live/context'
import { ErrorBoundary } from './states/ErrorBoundary'
import { ErrorState } from './states/States'
import { theme } from './theme'

/** Reads the configuration, connects, and draws the app into the page's `#root`. */
export async function start(app: ReactNode): Promise<void> {
  const element = document.getElementById('root')
  if (!element) throw new Error('the page has no #root')
  const root = createRoot(element)
  const draw = (content: ReactNode) =>
    root.render(
      <StrictMode>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <ErrorBoundary>{content}</ErrorBoundary>
        </MantineProvider>
      </StrictMode>,
    )
  try {
    const config = await loadConfig()
    draw(
      <BackendProvider config={config} live={createLive(config)}>
        {app}
      </BackendProvider>,
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    draw(
      <ErrorState
        title="The app does not know where its backend is"
        message={message}
        onRetry={() => window.location.reload()}
      />,
    )
  }
}
