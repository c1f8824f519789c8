import { useConfig, useToken } from '@threefactor/shared'
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useClient } from 'urql'

import { PayableOrdersDocument } from '../../gql/graphql'
import type { DemoCard } from '../payment/cards'
import { payAll, paymentSender, type Payable, type Progress } from '../payment/payAll'

/** State of the payment of all orders. */
export type PayAllState =
  | { phase: 'idle' | 'loading' | 'failed' }
  | { phase: 'ready'; orders: readonly Payable[] }
  | { phase: 'running' | 'done'; progress: Progress }

interface PayAllContext {
  state: PayAllState
  /** Loads the orders, so that exactly the total that is shown is paid. */
  load: () => void
  run: (orders: readonly Payable[], card: DemoCard) => void
  /** Starts no further payments. */
  stop: () => void
  reset: () => void
}

const Context = createContext<PayAllContext | undefined>(undefined)

/** Pays all orders of a customer; the payments continue while the customer moves between pages. */
export function PayAllProvider({ user, children }: { user: string; children: ReactNode }) {
  const client = useClient()
  const { functionsUrl } = useConfig()
  const token = useToken()
  const service = useRef({ functionsUrl, token })
  useEffect(() => {
    service.current = { functionsUrl, token }
  }, [functionsUrl, token])
  const [state, setState] = useState<PayAllState>({ phase: 'idle' })
  const stop = useRef(new AbortController())
  // At sign-out no further payments are started.
  useEffect(() => () => stop.current.abort(), [])

  const value = useMemo<PayAllContext>(() => {
    const load = async () => {
      setState({ phase: 'loading' })
      const { data } = await client.query(PayableOrdersDocument, { user }).toPromise()
      const orders = data?.orders.filter((order): order is Payable => order.total != null)
      setState(orders ? { phase: 'ready', orders } : { phase: 'failed' })
    }
    const run = async (orders: readonly Payable[], { number, cvv }: DemoCard) => {
      stop.current = new AbortController()
      const onProgress = (progress: Progress) => setState({ phase: 'running', progress })
      onProgress({ of: orders.length, paid: 0, problems: new Map() })
      const send = paymentSender(() => service.current, { name: user, number, cvv })
      const progress = await payAll(orders, send, onProgress, stop.current.signal)
      setState({ phase: 'done', progress })
    }
    return {
      state,
      load: () => void load(),
      run: (orders, card) => void run(orders, card),
      stop: () => stop.current.abort(),
      reset: () => setState({ phase: 'idle' }),
    }
  }, [client, state, user])
  return <Context value={value}>{children}</Context>
}

/** Returns the payment of all orders. */
export function usePayAll(): PayAllContext {
  const context = useContext(Context)
  if (!context) throw new Error('usePayAll must be used within a PayAllProvider')
  return context
}
