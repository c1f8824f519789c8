import { Loader } from '@mantine/core'
import { Check } from 'lucide-react'
import { useEffect, useState } from 'react'

import { common as texts } from '../texts/common'
import { useConnection } from './context'
import classes from './ConnectionBanner.module.css'

/** Display time of the message that the connection is back. */
const RECOVERED_MS = 3_000

/** Message while the connection is lost, and for a few seconds after it is back. */
export function ConnectionBanner() {
  const state = useConnection()
  const [before, setBefore] = useState(state)
  const [recovered, setRecovered] = useState(false)
  if (state !== before) {
    setBefore(state)
    setRecovered(state === 'online')
  }
  useEffect(() => {
    if (!recovered) return
    const timer = setTimeout(() => setRecovered(false), RECOVERED_MS)
    return () => clearTimeout(timer)
  }, [recovered])

  // The region is rendered even if it is empty: screen readers only announce changes inside an existing live region.
  return (
    <div role="status" className={classes.region} data-testid="connection">
      {state === 'offline' && (
        <div className={classes.offline}>
          <Loader size={14} color="currentColor" aria-hidden />
          <span>{texts.connectionLost}</span>
        </div>
      )}
      {state === 'online' && recovered && (
        <div className={classes.online}>
          <Check size={16} aria-hidden />
          <span>{texts.connectionBack}</span>
        </div>
      )}
    </div>
  )
}
