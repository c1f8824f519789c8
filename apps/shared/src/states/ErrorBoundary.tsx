import { Button } from '@mantine/core'
import { Component, type ErrorInfo, type ReactNode } from 'react'

import { forgetAll } from '../storage'
import { ErrorState } from './States'

interface Props {
  children: ReactNode
}

/** Shows an error message instead of the children if rendering them fails. */
export class ErrorBoundary extends Component<Props, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <ErrorState
        title="Something went wrong on this page"
        message="Try again. If that does not help, reset the app: it signs you out and forgets what it has stored in this browser."
        onRetry={() => this.setState({ error: undefined })}
      >
        <Button variant="subtle" onClick={reset}>
          Reset this app
        </Button>
      </ErrorState>
    )
  }
}

function reset(): void {
  forgetAll(window.localStorage)
  forgetAll(window.sessionStorage)
  window.location.assign('/')
}
