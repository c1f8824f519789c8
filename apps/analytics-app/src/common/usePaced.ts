import { useEffect, useRef, useState } from 'react'

/**
 * The value, at most once in so many milliseconds, and always the newest in the end. For what is costly to draw: in a burst
 * of orders the engine pushes more often than anybody can read.
 */
export function usePaced<Value>(value: Value, every: number): Value {
  const [shown, setShown] = useState(value)
  const last = useRef(-Infinity)
  useEffect(() => {
    const wait = Math.max(0, last.current + every - performance.now())
    const timer = setTimeout(() => {
      last.current = performance.now()
      setShown(value)
    }, wait)
    return () => clearTimeout(timer)
  }, [value, every])
  return shown
}
