import { Loader, Switch } from '@mantine/core'
import { useState } from 'react'
import type { TypedDocumentNode } from 'urql'

import { useAction, type Changed } from '../../common/useAction'
import classes from './LiveSwitch.module.css'

/** Switch for a boolean column. Shows the requested value while the mutation is in flight, then the stored value. */
export function LiveSwitch<Data extends Changed, Id extends number | string>({
  id,
  value,
  label,
  name,
  mutation,
}: {
  id: Id
  /** Stored value. */
  value: boolean
  /** Visible label. */
  label: string
  /** Name of the object, for screen readers. */
  name: string
  mutation: TypedDocumentNode<Data, { id: Id; value: boolean }>
}) {
  const { run, busy, problem } = useAction(mutation, 'This entry no longer exists')
  const [requested, setRequested] = useState(value)
  const [stored, setStored] = useState(value)
  // A new stored value replaces the requested one, also if another client changed it.
  if (stored !== value) {
    setStored(value)
    setRequested(value)
  }
  const change = async (next: boolean) => {
    setRequested(next)
    if (!(await run({ id, value: next }))) setRequested(value)
  }
  return (
    <div className={classes.field}>
      <Switch
        checked={requested}
        label={label}
        aria-label={`${name}: ${label}`}
        aria-busy={busy}
        thumbIcon={busy ? <Loader size={10} color="gray" aria-hidden /> : undefined}
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
