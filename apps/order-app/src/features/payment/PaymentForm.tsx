import { Button, TextInput } from '@mantine/core'
import { Notice, Panel, money, useConfig, useToken } from '@threefactor/shared'
import { CreditCard, Lock } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'

import { grouped } from './cards'
import { DemoCards } from './DemoCards'
import { pay, type Card, type PayResult } from './pay'
import classes from './PaymentForm.module.css'

/** Payment form of an order. The new status arrives with the order's subscription. */
export function PaymentForm({ orderId, total, name }: { orderId: string; total: number; name: string }) {
  const { functionsUrl } = useConfig()
  const token = useToken()
  const [card, setCard] = useState<Card>({ name, number: '', cvv: '' })
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<PayResult>()

  const change = (part: Partial<Card>) => {
    setCard((card) => ({ ...card, ...part }))
    setOutcome(undefined)
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    setOutcome(undefined)
    setOutcome(await pay({ functionsUrl, token }, orderId, total, card))
    setBusy(false)
  }
  const refused = outcome?.result === 'refused' ? outcome : undefined
  const at = (field: keyof Card) => (refused?.field === field ? { error: true } : {})

  return (
    <Panel title="Payment" aside={<span className={classes.total}>{money(total)}</span>}>
      <form className={classes.form} onSubmit={(event) => void submit(event)}>
        <p className={classes.hint}>Demo: choose a card or enter any card number. You will not be charged.</p>
        <DemoCards onPick={({ number, cvv }) => change({ number, cvv })} />
        <TextInput
          label="Name on the card"
          name="full_name"
          autoComplete="cc-name"
          required
          withAsterisk={false}
          value={card.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          {...at('name')}
        />
        <div className={classes.row}>
          <TextInput
            label="Card number"
            name="card_number"
            inputMode="numeric"
            autoComplete="cc-number"
            placeholder="4242 4242 4242 4242"
            required
            withAsterisk={false}
            leftSection={<CreditCard size={17} aria-hidden />}
            value={card.number}
            onChange={(event) => change({ number: grouped(event.currentTarget.value) })}
            {...at('number')}
          />
          <TextInput
            label="Security code"
            name="cvv"
            inputMode="numeric"
            autoComplete="cc-csc"
            placeholder="123"
            maxLength={4}
            required
            withAsterisk={false}
            value={card.cvv}
            onChange={(event) => change({ cvv: event.currentTarget.value })}
            {...at('cvv')}
          />
        </div>
        {refused && (
          <Notice tone="bad" title="Payment failed">
            {refused.message}
          </Notice>
        )}
        {outcome?.result === 'later' && (
          <Notice tone="waiting" title="Payment not completed">
            {outcome.message}
          </Notice>
        )}
        {outcome?.result === 'paid' && (
          <p className={classes.hint} role="status">
            Payment received.
          </p>
        )}
        <Button
          type="submit"
          size="md"
          loading={busy || outcome?.result === 'paid'}
          leftSection={<Lock size={16} aria-hidden />}
        >
          Pay {money(total)}
        </Button>
      </form>
    </Panel>
  )
}
