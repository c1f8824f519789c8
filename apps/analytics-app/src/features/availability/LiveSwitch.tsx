import { Switch } from '@mantine/core'
import { useState } from 'react'
import type { TypedDocumentNode } from 'urql'

import { useAction, type Changed } from '../../common/useAction'
import classes from './LiveSwitch.module.css'

/** A boolean in the database that a person can switch. Shows what is wanted while it is sent, then what the database says. */
export function LiveSwitch<Data extends Changed>({
  id,
  value,
  label,
  name,
  mutation,
}: {
  id: number
  /** What the database says. */
  value: boolean
  /** Beside the switch. */
  label: string
  /** For a screen reader, whose it is. */
  name: string
  mutation: TypedDocumentNode<Data, { id: number; value: boolean }>
}) {
  const { run, busy, problem } = useAction(mutation, 'There is no such entry any more.')
  const [wanted, setWanted] = useState(value)
  const [known, setKnown] = useState(value)
  // The database has spoken: that holds, whoever changed it.
  if (known !== value) {
    setKnown(value)
    setWanted(value)
  }
  const change = async (next: boolean) => {
    setWanted(next)
    if (!(await run({ id, value: next }))) setWanted(value)
  }
  return (
    <div className={classes.field}>
      <Switch
        checked={wanted}
        label={label}
        aria-label={`${name}: ${label}`}
        aria-busy={busy}
        onChange={(event) => {
          if (!busy) void change(event.currentTarget.checked)
        }}
      />
      {problem !== undefined && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}
