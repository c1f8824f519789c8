import { Button, TextInput } from '@mantine/core'
import { Dialog, RadioCard } from '@threefactor/shared'
import { useState, type SubmitEvent } from 'react'

import { common } from '../../texts/common'
import { work as texts } from '../../texts/work'
import { MAX_DETAILS, reasonText } from './reason'
import classes from './ReasonDialog.module.css'

/** Asks for the reason for which an order is closed. The customer sees it. */
export function ReasonDialog({
  title,
  name,
  reasons,
  confirm,
  onConfirm,
  onClose,
}: {
  title: string
  /** Name of the order. */
  name: string
  reasons: readonly string[]
  confirm: string
  onConfirm: (reason: string) => void
  onClose: () => void
}) {
  const [choice, setChoice] = useState<string>()
  const [details, setDetails] = useState('')
  const [tried, setTried] = useState(false)
  const reason = reasonText(choice === texts.other ? undefined : choice, details)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (reason === undefined) return
    onClose()
    onConfirm(reason)
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p className={classes.hint}>{texts.consequence(name)}</p>
        <fieldset className={classes.choices}>
          <legend className={classes.legend}>{texts.reason}</legend>
          {[...reasons, texts.other].map((text) => (
            <RadioCard key={text} name="reason" checked={choice === text} onChange={() => setChoice(text)}>
              {text}
            </RadioCard>
          ))}
        </fieldset>
        <TextInput
          label={choice === texts.other ? texts.otherReason : texts.details}
          value={details}
          maxLength={MAX_DETAILS}
          error={tried && reason === undefined ? texts.chooseReason : undefined}
          onChange={(event) => setDetails(event.currentTarget.value)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" aria-label={texts.confirmFor(confirm, name)}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
