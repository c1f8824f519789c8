import { Button } from '@mantine/core'
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'

import { common as texts } from '../texts/common'
import classes from './Dialog.module.css'

/** Modal dialog. It is open as long as it is rendered; the browser keeps the focus within it and returns it afterwards. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  /** Called for Esc. */
  onClose: () => void
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Its cleanup runs before the element is removed; afterwards the browser could not return the focus.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={classes.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <h2 id={id} className={classes.title}>
        {title}
      </h2>
      {children}
    </dialog>
  )
}

/** Dialog that asks before an action. */
export function ConfirmDialog({
  title,
  confirm,
  dismiss = texts.cancel,
  onConfirm,
  onClose,
  children,
}: {
  title: string
  /** Label of the button that starts the action: its verb and object. */
  confirm: string
  /** Label of the button that closes the dialog. */
  dismiss?: string
  onConfirm: () => void
  onClose: () => void
  children?: ReactNode
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div className={classes.buttons}>
        <Button variant="default" autoFocus onClick={onClose}>
          {dismiss}
        </Button>
        <Button
          onClick={() => {
            onClose()
            onConfirm()
          }}
        >
          {confirm}
        </Button>
      </div>
    </Dialog>
  )
}
