import { Loader, Switch } from '@mantine/core'
import { ConfirmDialog } from '@threefactor/shared'
import { useState } from 'react'
import type { TypedDocumentNode } from 'urql'

import { ActionField } from '../../common/ActionField'
import { useAction, type Changed } from '../../common/useAction'
import { common } from '../../texts/common'
import classes from './LiveSwitch.module.css'

/** Question before a change, and its consequence. */
export interface Question {
  title: string
  confirm: string
  text: string
}

/** Switch for a boolean column. Shows the requested value while the mutation is in flight, then the stored value. */
export function LiveSwitch<Data extends Changed, Target extends object>({
  target,
  value,
  label,
  name,
  mutation,
  ask,
}: {
  /** Variables that select the row. */
  target: Target
  /** Stored value. */
  value: boolean
  /** Visible label. */
  label: string
  /** Name of the object, for screen readers. */
  name: string
  mutation: TypedDocumentNode<Data, Target & { value: boolean }>
  /** Returns the question before a change to this value, if there is one. */
  ask?: (next: boolean) => Question | undefined
}) {
  const { run, busy, problem } = useAction(mutation, common.entryGone)
  const [requested, setRequested] = useState(value)
  const [stored, setStored] = useState(value)
  const [asked, setAsked] = useState<Question>()
  // A new stored value replaces the requested one, also if another client changed it.
  if (stored !== value) {
    setStored(value)
    setRequested(value)
  }
  const change = async (next: boolean) => {
    setRequested(next)
    if ((await run({ ...target, value: next })) !== 'changed') setRequested(value)
  }
  return (
    <ActionField problem={problem}>
      <Switch
        checked={requested}
        label={label}
        aria-label={`${name}: ${label}`}
        aria-busy={busy}
        thumbIcon={busy ? <Loader size={10} color="gray" aria-hidden /> : undefined}
        onChange={(event) => {
          const next = event.currentTarget.checked
          const question = ask?.(next)
          if (question) setAsked(question)
          else if (!busy) void change(next)
        }}
      />
      {asked && (
        <ConfirmDialog
          title={asked.title}
          confirm={asked.confirm}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void change(!requested)}
        >
          <p className={classes.text}>{asked.text}</p>
        </ConfirmDialog>
      )}
    </ActionField>
  )
}
