import { Button, type ButtonProps } from '@mantine/core'
import { ConfirmDialog } from '@threefactor/shared/ui'
import { useState, type ReactNode } from 'react'

/** Button for an action that is confirmed in a dialog first. */
export function ConfirmedButton({
  title,
  confirm,
  onConfirm,
  question,
  dismiss,
  label,
  children,
  ...props
}: ButtonProps & {
  /** Question of the dialog. */
  title: string
  /** Label of the button that starts the action. */
  confirm: string
  onConfirm: () => void
  /** Consequences of the action. */
  question?: ReactNode
  /** Label of the button that closes the dialog. */
  dismiss?: string
  /** Name of the button, if its text is not enough. */
  label?: string
  children: ReactNode
}) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" aria-label={label} {...props} onClick={() => setOpen(true)}>
        {children}
      </Button>
      {open && (
        <ConfirmDialog
          title={title}
          confirm={confirm}
          {...(dismiss !== undefined && { dismiss })}
          onConfirm={onConfirm}
          onClose={() => setOpen(false)}
        >
          {question}
        </ConfirmDialog>
      )}
    </>
  )
}
