import { useQuery } from '@tanstack/react-query'

import type { Engine } from '../../engine/engine'
import { EngineError } from '../../engine/errors'
import { CONFIG_PATH, type EngineConfig } from '../../engine/useConfig'

/** Whether the console may use the engine. */
export type Access =
  { state: 'checking' | 'granted' | 'refused' } | { state: 'failed'; error: Error; retry: () => void }

/** Asks the engine whether the secret is right; without a secret, whether one is needed. */
export function useAccess(engine: Engine): Access {
  const { data, error, refetch } = useQuery({
    queryKey: ['access', engine.secret],
    queryFn: () => engine.get<EngineConfig>(CONFIG_PATH),
    staleTime: Infinity,
  })
  if (data) return { state: 'granted' }
  if (error instanceof EngineError && error.status < 500) return { state: 'refused' }
  return error ? { state: 'failed', error, retry: () => void refetch() } : { state: 'checking' }
}
