import { useEffect, useRef, useState } from 'react'

/**
 * Returns the value, updated at most once per `intervalMs`; the latest value always arrives. For components that are
 * expensive to render while many orders change at the same time.
 */
export function useThrottled<Value>(value: Value, intervalMs: number): Value {
  const [shown, setShown] = useState(value)
  const last = useRef(-Infinity)
  useEffect(() => {
    const wait = Math.max(0, last.current + intervalMs - performance.now())
    const timer = setTimeout(() => {
      last.current = performance.now()
      setShown(value)
    }, wait)
    return () => clearTimeout(timer)
  }, [value, intervalMs])
  // The first value arrives immediately: a page must not show in between that there are no rows.
  return shown === undefined ? value : shown
}
