import { Button, TextInput } from '@mantine/core'
import { Dialog } from '@threefactor/shared'
import { useState, type SubmitEvent } from 'react'

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
  const reason = reasonText(choice === OTHER ? undefined : choice, details)
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
        <p className={classes.hint}>The customer of {name} gets the reason, and the money back.</p>
        <fieldset className={classes.choices}>
          <legend className={classes.legend}>Reason</legend>
          {[...reasons, OTHER].map((text) => (
            <label key={text} className={classes.choice}>
              <input type="radio" name="reason" checked={choice === text} onChange={() => setChoice(text)} />
              {text}
            </label>
          ))}
        </fieldset>
        <TextInput
          label={choice === OTHER ? 'Reason for the customer' : 'Details for the customer (optional)'}
          value={details}
          maxLength={MAX_DETAILS}
          error={tried && reason === undefined ? 'Choose a reason, or write one.' : undefined}
          onChange={(event) => setDetails(event.currentTarget.value)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" aria-label={`${confirm} ${name}`}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const OTHER = 'Other'
