import { useSyncExternalStore } from 'react'

// One timer for all components, so that React renders their updates in one batch.
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let now = Date.now()

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      listeners.forEach((each) => each())
    }, 1000)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

/** Returns the current time in milliseconds since 1970, rounded down to a multiple of `stepMs`, which is at least a second. */
export function useNow(stepMs = 1000): number {
  return useSyncExternalStore(subscribe, () => now - (now % stepMs))
}
