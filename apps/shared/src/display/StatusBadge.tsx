import { statusLook } from './status'
import classes from './StatusBadge.module.css'

/** An order's status, as a coloured word. */
export function StatusBadge({ status }: { status: string }) {
  const { label, color } = statusLook(status)
  return (
    <span className={classes.badge} data-color={color} data-status={status}>
      {label}
    </span>
  )
}
