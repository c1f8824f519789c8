import { Button } from '@mantine/core'
import { Component, type ErrorInfo, type ReactNode } from 'react'

import { forgetAll } from '../storage'
import { common as texts } from '../texts/common'
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
        title={texts.broken}
        message={texts.brokenHint}
        onRetry={() => this.setState({ error: undefined })}
      >
        <Button variant="subtle" onClick={reset}>
          {texts.reset}
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
