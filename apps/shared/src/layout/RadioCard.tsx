import type { ReactNode } from 'react'

import classes from './RadioCard.module.css'

/** One choice of a radio group, with a border and a large target. */
export function RadioCard({
  name,
  checked,
  onChange,
  children,
}: {
  /** Name of the group. */
  name: string
  checked: boolean
  onChange: () => void
  children: ReactNode
}) {
  return (
    <label className={classes.choice}>
      <input type="radio" name={name} checked={checked} onChange={onChange} />
      {children}
    </label>
  )
}
