import { Button } from '@mantine/core'
import { Dialog, minutesText } from '@threefactor/shared'
import { Pause, Play } from 'lucide-react'
import { useState } from 'react'

import { ActionField } from '../../common/ActionField'
import { useAction } from '../../common/useAction'
import { SetPauseDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { restaurant as texts } from '../../texts/restaurant'
import classes from './PauseOrders.module.css'

/** Lengths of a pause, in minutes. */
const PAUSES = [15, 30, 60]

/** Button that pauses the orders of a restaurant for a while, or ends the pause. */
export function PauseOrders({ restaurant, paused }: { restaurant: number; paused: boolean }) {
  const { run, busy, problem } = useAction(SetPauseDocument, common.entryGone)
  const [asking, setAsking] = useState(false)
  const pause = (minutes: number) => {
    setAsking(false)
    void run({ restaurant, until: minutesFromNow(minutes) })
  }
  return (
    <ActionField problem={problem}>
      <Button
        variant="default"
        aria-busy={busy}
        leftSection={paused ? <Play size={17} aria-hidden /> : <Pause size={17} aria-hidden />}
        onClick={() => {
          if (busy) return
          if (paused) void run({ restaurant, until: null })
          else setAsking(true)
        }}
      >
        {paused ? texts.resume : texts.pause}
      </Button>
      {asking && (
        <Dialog title={texts.pauseTitle} onClose={() => setAsking(false)}>
          <p className={classes.text}>{texts.pauseText}</p>
          <div className={classes.choices}>
            {PAUSES.map((minutes) => (
              <Button key={minutes} variant="light" onClick={() => pause(minutes)}>
                {texts.pauseFor(minutesText(minutes))}
              </Button>
            ))}
          </div>
          <Button variant="default" fullWidth onClick={() => setAsking(false)}>
            {common.cancel}
          </Button>
        </Dialog>
      )}
    </ActionField>
  )
}

function minutesFromNow(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString()
}
