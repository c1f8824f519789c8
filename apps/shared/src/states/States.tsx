import { Button, Skeleton, Stack } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

import { common as texts } from '../texts/common'
import classes from './States.module.css'

/** Placeholder while content is loading. */
export function LoadingState({ rows = 4, label = texts.loading }: { rows?: number; label?: string }) {
  return (
    <Stack gap="sm" role="status" aria-label={label} data-loading>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={44} radius="md" />
      ))}
    </Stack>
  )
}

/** Placeholder for an empty list; the children suggest what to do. */
export function EmptyState({
  icon,
  picture,
  title,
  children,
}: {
  icon?: ReactNode
  /** Illustration, instead of an icon. */
  picture?: ReactNode
  title: string
  children?: ReactNode
}) {
  return (
    <div className={classes.state}>
      {picture && <div className={classes.picture}>{picture}</div>}
      {icon && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <p className={classes.title}>{title}</p>
      {children && <div className={classes.text}>{children}</div>}
    </div>
  )
}

/** Error message with a retry button. */
export function ErrorState({
  title = texts.notLoaded,
  message,
  onRetry,
  children,
}: {
  title?: string
  message: string
  onRetry?: () => void
  /** Further remedies. */
  children?: ReactNode
}) {
  return (
    <div className={classes.state} role="alert">
      <div className={classes.icon} data-error aria-hidden>
        <CircleAlert size={28} />
      </div>
      <p className={classes.title}>{title}</p>
      <p className={classes.text}>{message}</p>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {texts.tryAgain}
        </Button>
      )}
      {children}
    </div>
  )
}
