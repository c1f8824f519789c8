import { useConfig } from '@threefactor/shared'
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'

import { placerOf, type LoadTestOrder } from './customer'
import { runLoadTest, type LoadProgress } from './runLoadTest'

/** State of the load test. */
export type LoadTestState =
  | { phase: 'idle' }
  | { phase: 'running'; progress: LoadProgress }
  | { phase: 'done' | 'stopped'; progress: LoadProgress; milliseconds: number }
  | { phase: 'failed'; progress: LoadProgress; message: string }

interface LoadTest {
  state: LoadTestState
  start: (orders: number, order: LoadTestOrder) => void
  stop: () => void
}

const Context = createContext<LoadTest | undefined>(undefined)

/** Runs the load test, which continues while the manager moves between pages. */
export function LoadTestProvider({ children }: { children: ReactNode }) {
  const config = useConfig()
  const [state, setState] = useState<LoadTestState>({ phase: 'idle' })
  const stop = useRef(new AbortController())
  // At sign-out.
  useEffect(() => () => stop.current.abort(), [])
  const value = useMemo<LoadTest>(() => {
    const run = async (orders: number, order: LoadTestOrder) => {
      const { signal } = (stop.current = new AbortController())
      const started = performance.now()
      let progress = { of: orders, placed: 0 }
      const onProgress = (next: LoadProgress) => setState({ phase: 'running', progress: (progress = next) })
      onProgress(progress)
      try {
        await runLoadTest(orders, await placerOf(config, order), onProgress, signal)
        const phase = progress.placed < orders ? 'stopped' : 'done'
        setState({ phase, progress, milliseconds: performance.now() - started })
      } catch (error) {
        setState({ phase: 'failed', progress, message: (error as Error).message })
      }
    }
    return {
      state,
      start: (orders, order) => {
        if (state.phase !== 'running') void run(orders, order)
      },
      stop: () => stop.current.abort(),
    }
  }, [config, state])
  return <Context value={value}>{children}</Context>
}

/** Returns the load test. */
export function useLoadTest(): LoadTest {
  const context = useContext(Context)
  if (!context) throw new Error('useLoadTest must be used within a LoadTestProvider')
  return context
}
