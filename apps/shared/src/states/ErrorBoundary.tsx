import { Component, type ErrorInfo, type ReactNode } from 'react'

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
        message="Try again, or reload the page."
        onRetry={() => this.setState({ error: undefined })}
      />
    )
  }
}
