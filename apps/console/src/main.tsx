import '@threefactor/shared/styles'
import '@mantine/core/styles/Checkbox.layer.css'
import './console.css'

import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { ErrorBoundary, theme } from '@threefactor/shared/ui'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'

import { App } from './App'
import { isTransient } from './engine/errors'

const queries = new QueryClient({
  defaultOptions: {
    // A restart of the engine takes a few seconds; errors of the request itself stay.
    queries: { retry: (count, error) => isTransient(error) && count < 3, staleTime: 5_000 },
  },
})

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <ErrorBoundary>
        <QueryClientProvider client={queries}>
          <Router base="/console">
            <App />
          </Router>
        </QueryClientProvider>
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
)
