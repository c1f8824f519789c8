import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'

import classes from './Choices.module.css'

/** Group of checkboxes for some of several names. */
export function Choices({
  legend,
  options,
  chosen,
  onChange,
  children,
}: {
  legend: string
  options: readonly string[]
  chosen: readonly string[]
  /** Gets the chosen names in the order of the options. */
  onChange: (chosen: string[]) => void
  /** Checkboxes before those of the names. */
  children?: ReactNode
}) {
  return (
    <fieldset className={classes.group}>
      <legend>{legend}</legend>
      {children}
      {options.map((option) => (
        <Checkbox
          key={option}
          label={option}
          checked={chosen.includes(option)}
          onChange={({ currentTarget: { checked } }) =>
            onChange(options.filter((other) => (other === option ? checked : chosen.includes(other))))
          }
        />
      ))}
    </fieldset>
  )
}
