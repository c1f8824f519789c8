import { Button, Progress as ProgressBar } from '@mantine/core'
import { Dialog, counted, integerText, money } from '@threefactor/shared'
import { CreditCard } from 'lucide-react'
import { useState } from 'react'

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
        {started ? title(state.progress, phase) : 'Pay all'}
      </Button>
      {open && (
        <Dialog title={phase === 'ready' ? summary(state.orders) : 'Pay all'} onClose={close}>
          <div className={classes.box}>
            {phase === 'loading' && <p role="status">Loading your orders…</p>}
            {phase === 'failed' && (
              <p className={classes.problem} role="alert">
                Could not load your orders. Please try again.
              </p>
            )}
            {phase === 'ready' && state.orders.length === 0 && <p>No orders are ready to pay.</p>}
            {phase === 'ready' && state.orders.length > 0 && (
              <>
                <p className={classes.text}>Choose a card. Each order is paid separately.</p>
                <DemoCards picked={card} onPick={setCard} />
              </>
            )}
            {started && <PaymentProgress progress={state.progress} running={phase === 'running'} />}
            <div className={classes.buttons}>
              {phase === 'running' && (
                <Button variant="default" onClick={stop}>
                  Stop
                </Button>
              )}
              <Button variant="default" onClick={close}>
                {phase === 'ready' ? 'Cancel' : phase === 'running' ? 'Continue in the background' : 'Close'}
              </Button>
              {phase === 'ready' && state.orders.length > 0 && (
                <Button disabled={card === undefined} onClick={() => card && run(state.orders, card)}>
                  {`Pay ${money(total(state.orders))}`}
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
  return `${phase === 'running' ? 'Paying' : 'Paid'} ${integerText(paid)} of ${integerText(of)}`
}

function total(orders: readonly Payable[]): number {
  return orders.reduce((sum, order) => sum + order.total, 0)
}

function summary(orders: readonly Payable[]): string {
  return `Pay ${counted(orders.length, 'order')} · ${money(total(orders))}`
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
  return (
    <>
      <ProgressBar
        value={of > 0 ? (100 * (paid + failed)) / of : 0}
        aria-label="Payments processed"
        aria-valuetext={`${integerText(paid + failed)} of ${integerText(of)}`}
      />
      <p className={classes.text} role="status">
        {integerText(paid)} of {integerText(of)} paid
        {!running && remaining > 0 && ` · stopped, ${counted(remaining, 'order')} not paid`}
      </p>
      {failed > 0 && (
        <ul className={classes.problems}>
          {[...problems].map(([message, count]) => (
            <li key={message} className={classes.problem}>
              {counted(count, 'order')}: {message}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
