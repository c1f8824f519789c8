import { Button, Progress as ProgressBar } from '@mantine/core'
import { Dialog, Problem, integerText, money } from '@threefactor/shared'
import { CreditCard } from 'lucide-react'
import { useState } from 'react'

import { payment as texts } from '../../texts/payment'
import type { DemoCard } from '../payment/cards'
import { DemoCards } from '../payment/DemoCards'
import type { Payable, Progress } from '../payment/payAll'
import classes from './PayAll.module.css'
import { usePayAll } from './PayAllProvider'

/** Button and dialog that pay all orders that are ready for payment with one card, each with its own payment. */
export function PayAll({ payable }: { payable: number }) {
  const { state, load, run, stop, reset } = usePayAll()
  const [open, setOpen] = useState(false)
  const [card, setCard] = useState<DemoCard>()
  const { phase } = state
  const started = phase === 'running' || phase === 'done'
  if (payable === 0 && !open && !started) return null
  const show = () => {
    if (!started) load()
    setOpen(true)
  }
  const close = () => {
    setOpen(false)
    setCard(undefined)
    if (phase !== 'running') reset()
  }
  return (
    <>
      <Button leftSection={<CreditCard size={17} aria-hidden />} onClick={show}>
        {started ? title(state.progress, phase) : texts.payAll}
      </Button>
      {open && (
        <Dialog title={phase === 'ready' ? summary(state.orders) : texts.payAll} onClose={close}>
          <div className={classes.box}>
            {phase === 'loading' && <p role="status">{texts.loadingOrders}</p>}
            {phase === 'failed' && <Problem message={texts.notLoaded} />}
            {phase === 'ready' && state.orders.length === 0 && <p>{texts.nothingToPay}</p>}
            {phase === 'ready' && state.orders.length > 0 && (
              <>
                <p className={classes.text}>{texts.chooseCard}</p>
                <DemoCards picked={card} onPick={setCard} />
              </>
            )}
            {started && <PaymentProgress progress={state.progress} running={phase === 'running'} />}
            <div className={classes.buttons}>
              {phase === 'running' && (
                <Button variant="default" onClick={stop}>
                  {texts.stop}
                </Button>
              )}
              <Button variant="default" onClick={close}>
                {phase === 'ready' ? texts.cancel : phase === 'running' ? texts.inBackground : texts.close}
              </Button>
              {phase === 'ready' && state.orders.length > 0 && (
                <Button disabled={card === undefined} onClick={() => card && run(state.orders, card)}>
                  {texts.pay(money(total(state.orders)))}
                </Button>
              )}
            </div>
          </div>
        </Dialog>
      )}
    </>
  )
}

function title({ of, paid }: Progress, phase: 'running' | 'done'): string {
  return (phase === 'running' ? texts.paying : texts.paid)(integerText(paid), integerText(of))
}

function total(orders: readonly Payable[]): number {
  return orders.reduce((sum, order) => sum + order.total, 0)
}

function summary(orders: readonly Payable[]): string {
  return texts.payOrders(texts.orders(orders.length), money(total(orders)))
}

function PaymentProgress({
  progress: { of, paid, problems },
  running,
}: {
  progress: Progress
  running: boolean
}) {
  const failed = [...problems.values()].reduce((sum, count) => sum + count, 0)
  const remaining = of - paid - failed
  const progress = texts.paidOf(integerText(paid), integerText(of))
  return (
    <>
      <ProgressBar
        value={of > 0 ? (100 * (paid + failed)) / of : 0}
        aria-label={texts.processed}
        aria-valuetext={texts.processedOf(integerText(paid + failed), integerText(of))}
      />
      <p className={classes.text} role="status">
        {!running && remaining > 0 ? texts.stopped(progress, texts.orders(remaining)) : progress}
      </p>
      {failed > 0 && (
        <ul className={classes.problems}>
          {[...problems].map(([message, count]) => (
            <li key={message} className={classes.problem}>
              {texts.problem(texts.orders(count), message)}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
