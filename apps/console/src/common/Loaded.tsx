import type { UseQueryResult } from '@tanstack/react-query'
import { ErrorState, LoadingState } from '@threefactor/shared/ui'
import type { ReactNode } from 'react'

import { messageOf } from '../engine/errors'

/** Shows what a query returned, or why it did not. */
export function Loaded<T>({
  query,
  label,
  children,
}: {
  query: UseQueryResult<T>
  /** What is loaded, for screen readers. */
  label: string
  children: (data: T) => ReactNode
}) {
  const { data, error, refetch } = query
  if (data !== undefined) return children(data)
  if (error)
    return (
      <ErrorState
        title="The engine refused the request"
        message={messageOf(error)}
        onRetry={() => void refetch()}
      />
    )
  return <LoadingState rows={5} label={label} />
}
