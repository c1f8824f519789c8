import { Component, type ErrorInfo, type ReactNode } from 'react'

import { ErrorState } from './States'

interface Props {
  children: ReactNode
}

/** Keeps a mistake in one part of the page from emptying the whole. */
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
        title="Something on this page broke"
        message={error.message}
        onRetry={() => this.setState({ error: undefined })}
      />
    )
  }
}
