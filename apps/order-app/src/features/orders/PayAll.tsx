import { Button, Popover, Progress as Bar } from '@mantine/core'
import { useConfig } from '@threefactor/shared'
import { CreditCard } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useClient } from 'urql'

import { PayableOrdersDocument } from '../../gql/graphql'
import { DEMO_CARDS } from '../payment/cards'
import { DemoCards } from '../payment/DemoCards'
import { payAll, payWith, type Payable, type Progress } from '../payment/payAll'
import classes from './PayAll.module.css'

type State =
  | { now: 'idle'; problem?: string }
  | { now: 'running'; progress: Progress }
  | { now: 'done'; progress: Progress }

/** Pays every order that is ready for it, one payment each, with one card. */
export function PayAll({ user }: { user: string }) {
  const client = useClient()
  const { functionsUrl } = useConfig()
  const [open, setOpen] = useState(false)
  const [state, setState] = useState<State>({ now: 'idle' })
  const stop = useRef(new AbortController())

  // Leaving the page is a stop, too: what is paid is paid, the rest waits for the next time.
  useEffect(() => () => stop.current.abort(), [])

  const run = async ({ number, cvv }: (typeof DEMO_CARDS)[number]) => {
    stop.current = new AbortController()
    setState({ now: 'running', progress: { of: 0, paid: 0, problems: new Map() } })
    const { data, error } = await client.query(PayableOrdersDocument, { user }).toPromise()
    if (!data) {
      setState({ now: 'idle', problem: error?.message ?? 'Your orders could not be read.' })
      return
    }
    const orders = data.orders.filter((order): order is Payable => order.total != null)
    const send = payWith(functionsUrl, { name: user, number, cvv })
    const onProgress = (progress: Progress) => setState({ now: 'running', progress })
    const progress = await payAll(orders, send, onProgress, stop.current.signal)
    setState({ now: 'done', progress })
  }

  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={330} trapFocus shadow="md">
      <Popover.Target>
        <Button leftSection={<CreditCard size={17} aria-hidden />} onClick={() => setOpen(!open)}>
          {state.now === 'running' ? 'Paying…' : 'Pay all'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Pay all orders">
        <div className={classes.box}>
          {state.now === 'idle' && (
            <>
              <p className={classes.text}>Pays each order that is ready to pay. With which card?</p>
              <DemoCards onPick={(card) => void run(card)} />
              {state.problem && (
                <p className={classes.problem} role="alert">
                  {state.problem}
                </p>
              )}
            </>
          )}
          {state.now === 'running' && (
            <>
              <Done progress={state.progress} />
              <Button variant="default" onClick={() => stop.current.abort()}>
                Stop
              </Button>
            </>
          )}
          {state.now === 'done' && (
            <>
              <Done progress={state.progress} />
              <Button
                variant="default"
                onClick={() => {
                  setState({ now: 'idle' })
                  setOpen(false)
                }}
              >
                Close
              </Button>
            </>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function Done({ progress: { of, paid, problems } }: { progress: Progress }) {
  const failed = [...problems.values()].reduce((sum, count) => sum + count, 0)
  return (
    <>
      <Bar
        value={of > 0 ? (100 * (paid + failed)) / of : 0}
        aria-label="Payments done"
        aria-valuetext={`${paid + failed} of ${of}`}
      />
      <p className={classes.text} role="status">
        {of === 0 ? 'No order is ready to pay.' : `${paid} of ${of} paid`}
      </p>
      {failed > 0 && (
        <ul className={classes.problems}>
          {[...problems].map(([message, count]) => (
            <li key={message} className={classes.problem}>
              {count} ×: {message}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
