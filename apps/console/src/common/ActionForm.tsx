import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

import { Failure } from './Failure'
import table from './table.module.css'

/** Result of `useAction` for an action without input. */
interface Action {
  mutate: () => void
  isPending: boolean
  error: unknown
}

/** Form whose button runs an action; the reason of a failure is shown above the button. */
export function ActionForm({
  action,
  submit,
  failure,
  error = action.error,
  isSecondary = false,
  disabled = false,
  buttons,
  onSubmit = () => action.mutate(),
  onCancel,
  children,
}: {
  action: Action
  /** Label of the button. */
  submit: string
  /** Title of the message if the action fails. */
  failure: string
  /** Reason that is shown, if it is not that of the action. */
  error?: unknown
  /** Whether the page has a more important action. */
  isSecondary?: boolean
  disabled?: boolean
  /** Buttons beside that of the form. */
  buttons?: ReactNode
  /** Replaces the action, for a form that checks its fields itself. */
  onSubmit?: () => void
  onCancel?: () => void
  children: ReactNode
}) {
  return (
    <form
      className={table.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!disabled) onSubmit()
      }}
    >
      {children}
      <Failure error={error} title={failure} />
      <div className={table.actions}>
        {buttons}
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button
          type="submit"
          loading={action.isPending}
          disabled={disabled}
          {...(isSecondary && { variant: 'default' })}
        >
          {submit}
        </Button>
      </div>
    </form>
  )
}
