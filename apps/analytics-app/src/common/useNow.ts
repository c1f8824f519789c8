import { useSyncExternalStore } from 'react'

// One clock for all, so that a hundred "waiting since" are drawn in one go.
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

/** The time in milliseconds since 1970, once a second: for "waiting since". */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
