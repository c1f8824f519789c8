import { useReducedMotion } from '@mantine/hooks'
import { useEffect, useState } from 'react'

/** Time for which each step is shown, at least. */
const STEP_MS = 600

/** Returns a counter that follows `target` one by one, so that each value can be seen; at once if the user prefers no motion. */
export function usePaced(target: number): number {
  const still = useReducedMotion(undefined, { getInitialValueInEffect: false })
  const [shown, setShown] = useState(target)
  const behind = shown < target && !still
  useEffect(() => {
    if (!behind) return
    const timer = setTimeout(() => setShown((shown) => shown + 1), STEP_MS)
    return () => clearTimeout(timer)
  }, [behind, shown])
  if (!behind && shown !== target) setShown(target)
  return behind ? shown : target
}
