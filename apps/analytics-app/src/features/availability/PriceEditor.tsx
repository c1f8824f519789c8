import { Button, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'

import { useAction } from '../../common/useAction'
import { SetPriceDocument } from '../../gql/graphql'
import classes from './PriceEditor.module.css'
import { centsOf, priceText } from './price'

/** Price of a dish; it is stored with a button, which appears after a change. */
export function PriceEditor({ name, price }: { name: string; price: number }) {
  const { run, busy, problem } = useAction(SetPriceDocument, 'This dish no longer exists')
  const [text, setText] = useState(priceText(price))
  const cents = centsOf(text)
  const changed = cents !== price
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    if (cents !== undefined && changed) void run({ name, price: cents })
  }
  return (
    <form className={classes.form} onSubmit={save} noValidate>
      <TextInput
        className={classes.input ?? ''}
        aria-label={`Price of ${name} in dollars`}
        inputMode="decimal"
        leftSection="$"
        value={text}
        error={cents === undefined ? 'Enter a price, such as 6.50.' : problem}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {changed && cents !== undefined && (
        <Button type="submit" variant="default" loading={busy} aria-label={`Save the price of ${name}`}>
          Save
        </Button>
      )}
    </form>
  )
}
