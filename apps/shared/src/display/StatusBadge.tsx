import { statusStyle } from './status'
import classes from './StatusBadge.module.css'

/** Coloured label of an order status. */
export function StatusBadge({ status }: { status: string }) {
  const { label, color } = statusStyle(status)
  return (
    <span className={classes.badge} data-color={color} data-status={status}>
      {label}
    </span>
  )
}
