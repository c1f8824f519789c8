import { Button, NativeSelect } from '@mantine/core'
import { Problem, minutesText } from '@threefactor/shared'
import { useLayoutEffect, useRef, useState } from 'react'

import { useAction } from '../../common/useAction'
import { useUndoable } from '../../common/useUndoable'
import { common } from '../../texts/common'
import { work as texts } from '../../texts/work'
import { minuteChoices } from './minutes'
import type { Alternative, ClosingMutation, StepMutation } from './queues'
import { ReasonDialog } from './ReasonDialog'
import classes from './StepButtons.module.css'

/**
 * Buttons for the next step of an order and its alternative. Each can be undone for a moment before it is sent; afterwards the
 * buttons show what was done until the subscription removes the order.
 */
export function StepButtons({
  id,
  name,
  verb,
  done,
  mutation,
  unchanged,
  alternative,
  usualMinutes,
}: {
  id: string
  /** Name of the order, for screen readers. */
  name: string
  verb: string
  done: string
  mutation: StepMutation
  /** Message if the step was already stored. */
  unchanged: string
  alternative?: Alternative | undefined
  /** Minutes that are offered with the next step; absent if it asks for none. */
  usualMinutes?: number | undefined
}) {
  const step = useAction(mutation, unchanged)
  const otherMutation: ClosingMutation = alternative?.mutation ?? mutation
  const other = useAction(otherMutation, unchanged)
  const { pending, start, undo } = useUndoable()
  const [taken, setTaken] = useState<{ label: string; sent: boolean }>()
  const [asking, setAsking] = useState(false)
  const [chosenMinutes, setMinutes] = useState<number>()
  const minutes = chosenMinutes ?? usualMinutes
  const button = useRef<HTMLButtonElement>(null)
  const busy = step.busy || other.busy
  const label = pending || busy || taken?.sent === true ? taken?.label : undefined
  const problem = step.problem ?? other.problem

  // The button that was pressed disappears, also if a dialog returns the focus to it.
  useLayoutEffect(() => {
    if (pending && document.activeElement === document.body) button.current?.focus()
  }, [pending])

  const take = (label: string, run: Parameters<typeof start>[0]) => {
    setTaken({ label, sent: false })
    start(async (options) => {
      const outcome = await run(options)
      setTaken(outcome === 'changed' ? { label, sent: true } : undefined)
      return outcome
    })
  }
  const takeAlternative = (alternative: Alternative, reason?: string) =>
    take(alternative.done, (options) =>
      other.run(
        { ids: [id], ...(reason !== undefined && { reason }) } as Parameters<typeof other.run>[0],
        options,
      ),
    )
  return (
    <>
      <span className={classes.actions}>
        {pending && (
          <Button
            variant="subtle"
            onClick={() => {
              undo()
              button.current?.focus()
            }}
            aria-label={texts.buttonOf(common.undo, name)}
          >
            {common.undo}
          </Button>
        )}
        {label === undefined && alternative && (
          <Button
            variant="default"
            onClick={() => {
              if (alternative.question) setAsking(true)
              else takeAlternative(alternative)
            }}
            aria-label={texts.buttonOf(alternative.verb, name)}
          >
            {alternative.verb}
          </Button>
        )}
        {label === undefined && minutes !== undefined && (
          <label className={classes.minutes}>
            {texts.ready}
            <NativeSelect
              aria-label={texts.buttonOf(texts.ready, name)}
              value={minutes}
              data={minuteChoices(minutes).map((choice) => ({
                value: String(choice),
                label: minutesText(choice),
              }))}
              onChange={(event) => setMinutes(Number(event.currentTarget.value))}
            />
          </label>
        )}
        {/* Not disabled, because it would lose the focus. */}
        <Button
          ref={button}
          variant={label === undefined ? 'light' : 'default'}
          aria-disabled={label !== undefined}
          onClick={() => {
            if (label !== undefined) return
            take(done, (options) =>
              step.run({ ids: [id], ...(minutes !== undefined && { minutes }) }, options),
            )
          }}
          aria-label={texts.buttonOf(label ?? verb, name)}
        >
          {label ?? verb}
        </Button>
      </span>
      <Problem message={problem} />
      {asking && alternative?.question && (
        <ReasonDialog
          {...alternative.question}
          name={name}
          onClose={() => setAsking(false)}
          onConfirm={(reason) => takeAlternative(alternative, reason)}
        />
      )}
    </>
  )
}
