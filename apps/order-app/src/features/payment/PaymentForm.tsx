import { Button, TextInput } from '@mantine/core'
import { Notice, Panel, money, useConfig, useToken } from '@threefactor/shared'
import { CreditCard, Lock } from 'lucide-react'
import { useEffect, useRef, useState, type SubmitEvent } from 'react'

import { payment as texts } from '../../texts/payment'
import { grouped } from './cards'
import { DemoCards } from './DemoCards'
import { pay, type PayResult } from './pay'
import classes from './PaymentForm.module.css'
import { cardProblems, formattedExpiry, hasCheckDigit, type CardInput, type CardProblems } from './validate'

/** Payment form of an order. The new status arrives with the order's subscription. */
export function PaymentForm({ orderId, total, name }: { orderId: string; total: number; name: string }) {
  const { functionsUrl } = useConfig()
  const token = useToken()
  const [card, setCard] = useState<CardInput>({ name, number: '', expiry: '', cvv: '' })
  const [problems, setProblems] = useState<CardProblems>({})
  const [demo, setDemo] = useState(false)
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<PayResult>()
  const form = useRef<HTMLFormElement>(null)
  const change = (part: Partial<CardInput>) => {
    setCard((card) => ({ ...card, ...part }))
    setProblems({})
    setOutcome(undefined)
  }
  // The first field with an error gets the focus; its message is part of its description.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [problems])
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setOutcome(undefined)
    const found = cardProblems(card)
    setProblems(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    const result = await pay({ functionsUrl, token }, orderId, total, card)
    setOutcome(result)
    if (result.result === 'refused' && result.field) setProblems({ [result.field]: result.message })
    setBusy(false)
  }
  const at = (field: keyof CardInput) => ({ error: problems[field], errorProps: { role: 'alert' } })
  const mistyped = card.number.length >= 15 && !problems.number && !hasCheckDigit(card.number)

  return (
    <Panel title={texts.title} aside={<span className={classes.total}>{money(total)}</span>}>
      <form ref={form} className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <div className={classes.demo}>
          <p className={classes.hint}>{texts.demoHint}</p>
          <Button variant="default" aria-expanded={demo} onClick={() => setDemo(!demo)}>
            {texts.useDemoCard}
          </Button>
        </div>
        {demo && (
          <DemoCards
            onPick={({ number, expiry, cvv }) => {
              change({ number, expiry, cvv })
              setDemo(false)
              form.current?.querySelector<HTMLElement>('[type="submit"]')?.focus()
            }}
          />
        )}
        <TextInput
          label={texts.name}
          name="full_name"
          autoComplete="cc-name"
          maxLength={100}
          required
          withAsterisk={false}
          value={card.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          {...at('name')}
        />
        <TextInput
          label={texts.number}
          name="card_number"
          inputMode="numeric"
          autoComplete="cc-number"
          placeholder="4242 4242 4242 4242"
          required
          withAsterisk={false}
          leftSection={<CreditCard size={17} aria-hidden />}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          description={mistyped && texts.mistyped}
          value={card.number}
          onChange={(event) => change({ number: grouped(event.currentTarget.value) })}
          {...at('number')}
        />
        <div className={classes.row}>
          <TextInput
            label={texts.expiry}
            name="expiry"
            inputMode="numeric"
            autoComplete="cc-exp"
            placeholder={texts.expiryPlaceholder}
            required
            withAsterisk={false}
            value={card.expiry}
            onChange={(event) => change({ expiry: formattedExpiry(event.currentTarget.value, card.expiry) })}
            {...at('expiry')}
          />
          <TextInput
            label={texts.cvv}
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
        {outcome?.result === 'refused' && !outcome.field && (
          <Notice tone="bad" title={texts.failed}>
            {outcome.message}
          </Notice>
        )}
        {outcome?.result === 'later' && (
          <Notice tone="waiting" title={texts.notCompleted}>
            {outcome.message}
          </Notice>
        )}
        {outcome?.result === 'paid' && (
          <p className={classes.hint} role="status">
            {texts.received}
          </p>
        )}
        <Button
          type="submit"
          size="md"
          loading={busy || outcome?.result === 'paid'}
          leftSection={<Lock size={16} aria-hidden />}
        >
          {texts.pay(money(total))}
        </Button>
      </form>
    </Panel>
  )
}
