import { NativeSelect } from '@mantine/core'
import { minutesText } from '@threefactor/shared'
import { useState } from 'react'

import { ActionField } from '../../common/ActionField'
import { useAction } from '../../common/useAction'
import { SetPreparationMinutesDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import { minuteChoices } from '../work/minutes'
import classes from './UsualMinutes.module.css'

/** Minutes that the restaurant usually needs: customers see them, and orders get them that are accepted without others. */
export function UsualMinutes({ restaurant, minutes }: { restaurant: number; minutes: number }) {
  const { run, busy, problem } = useAction(SetPreparationMinutesDocument, common.entryGone)
  const [requested, setRequested] = useState(minutes)
  const [stored, setStored] = useState(minutes)
  // A new stored value replaces the requested one, also if another client changed it.
  if (stored !== minutes) {
    setStored(minutes)
    setRequested(minutes)
  }
  const change = async (next: number) => {
    setRequested(next)
    if ((await run({ restaurant, minutes: next })) !== 'changed') setRequested(minutes)
  }
  return (
    <ActionField problem={problem}>
      <label className={classes.field}>
        {texts.usualMinutes}
        <NativeSelect
          value={requested}
          aria-busy={busy}
          data={minuteChoices(requested).map((choice) => ({
            value: String(choice),
            label: minutesText(choice),
          }))}
          onChange={(event) => void change(Number(event.currentTarget.value))}
        />
      </label>
    </ActionField>
  )
}
