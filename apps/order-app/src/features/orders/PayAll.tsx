import { Button, Popover, Progress as ProgressBar } from '@mantine/core'
import { counted, integerText, money, useConfig, useToken } from '@threefactor/shared'
import { CreditCard } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useClient } from 'urql'

import { PayableOrdersDocument } from '../../gql/graphql'
import type { DemoCard } from '../payment/cards'
import { DemoCards } from '../payment/DemoCards'
import { payAll, paymentSender, type Payable, type Progress } from '../payment/payAll'
import classes from './PayAll.module.css'

type State =
  | { phase: 'idle' | 'loading' | 'failed' }
  | { phase: 'ready'; orders: readonly Payable[] }
  | { phase: 'running' | 'done'; progress: Progress }

/** Pays all orders that are ready for payment with one card, each with its own payment. */
export function PayAll({ user }: { user: string }) {
  const client = useClient()
  const { functionsUrl } = useConfig()
  const token = useToken()
  const service = useRef({ functionsUrl, token })
  useEffect(() => {
    service.current = { functionsUrl, token }
  }, [functionsUrl, token])
  const [open, setOpen] = useState(false)
  const [state, setState] = useState<State>({ phase: 'idle' })
  const stop = useRef(new AbortController())

  // Leaving the page stops further payments.
  useEffect(() => () => stop.current.abort(), [])

  // The popover opens once the orders are loaded, so that exactly the total it shows is paid.
  const load = async () => {
    setState({ phase: 'loading' })
    const { data } = await client.query(PayableOrdersDocument, { user }).toPromise()
    const orders = data?.orders.filter((order): order is Payable => order.total != null)
    setState(orders ? { phase: 'ready', orders } : { phase: 'failed' })
    setOpen(true)
  }
  const toggle = () => {
    if (open || state.phase === 'running' || state.phase === 'done') setOpen(!open)
    else void load()
  }
  const close = () => {
    setState({ phase: 'idle' })
    setOpen(false)
  }
  const run = async (orders: readonly Payable[], { number, cvv }: DemoCard) => {
    stop.current = new AbortController()
    const onProgress = (progress: Progress) => setState({ phase: 'running', progress })
    onProgress({ of: orders.length, paid: 0, problems: new Map() })
    const send = paymentSender(() => service.current, { name: user, number, cvv })
    const progress = await payAll(orders, send, onProgress, stop.current.signal)
    setState({ phase: 'done', progress })
  }

  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={330} trapFocus shadow="md">
      <Popover.Target>
        <Button
          leftSection={<CreditCard size={17} aria-hidden />}
          loading={state.phase === 'loading'}
          onClick={toggle}
        >
          {state.phase === 'running' ? 'Paying…' : 'Pay all'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Pay all orders">
        <div className={classes.box}>
          {state.phase === 'ready' && state.orders.length > 0 && (
            <>
              <p className={classes.text}>{summary(state.orders)}. Choose a card.</p>
              <DemoCards onPick={(card) => void run(state.orders, card)} />
            </>
          )}
          {state.phase === 'ready' && state.orders.length === 0 && (
            <p className={classes.text}>No orders are ready to pay.</p>
          )}
          {state.phase === 'failed' && (
            <p className={classes.problem} role="alert">
              Could not load your orders. Please try again.
            </p>
          )}
          {(state.phase === 'running' || state.phase === 'done') && (
            <PaymentProgress progress={state.progress} />
          )}
          {state.phase === 'running' ? (
            <Button variant="default" onClick={() => stop.current.abort()}>
              Stop
            </Button>
          ) : (
            <Button variant="default" onClick={close}>
              Close
            </Button>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function summary(orders: readonly Payable[]): string {
  const total = orders.reduce((sum, order) => sum + order.total, 0)
  return `Pay ${counted(orders.length, 'order')} · ${money(total)}`
}

function PaymentProgress({ progress: { of, paid, problems } }: { progress: Progress }) {
  const failed = [...problems.values()].reduce((sum, count) => sum + count, 0)
  return (
    <>
      <ProgressBar
        value={of > 0 ? (100 * (paid + failed)) / of : 0}
        aria-label="Payments processed"
        aria-valuetext={`${integerText(paid + failed)} of ${integerText(of)}`}
      />
      <p className={classes.text} role="status">
        {integerText(paid)} of {integerText(of)} paid
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
