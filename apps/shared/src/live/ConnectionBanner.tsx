import { Loader } from '@mantine/core'
import { Check } from 'lucide-react'
import { useEffect, useState } from 'react'

import { useConnection } from './context'
import classes from './ConnectionBanner.module.css'

/** How long "online again" stays, in milliseconds. */
const GOOD_NEWS = 3_000

/** Says when the connection is lost, and for a moment that it is there again. Nothing while all is well. */
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
    const timer = setTimeout(() => setRecovered(false), GOOD_NEWS)
    return () => clearTimeout(timer)
  }, [recovered])

  // The region is always there: screen readers announce what appears inside it.
  return (
    <div role="status" className={classes.region} data-testid="connection">
      {state === 'offline' && (
        <div className={classes.offline}>
          <Loader size={14} color="currentColor" aria-hidden />
          <span>Connection lost. Reconnecting… What you see may be out of date.</span>
        </div>
      )}
      {state === 'online' && recovered && (
        <div className={classes.online}>
          <Check size={16} aria-hidden />
          <span>Online again. Everything is up to date.</span>
        </div>
      )}
    </div>
  )
}
