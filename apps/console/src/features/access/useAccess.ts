import { useQuery } from '@tanstack/react-query'

import type { Engine } from '../../engine/engine'
import { EngineError } from '../../engine/errors'

/** Whether the console may use the engine. */
export type Access =
  { state: 'checking' | 'granted' | 'refused' } | { state: 'failed'; error: Error; retry: () => void }

/** Configuration of the engine, for the admin. */
export interface EngineConfig {
  version: string
  engine_version: string
  is_admin_secret_set: boolean
  is_jwt_set: boolean
  is_auth_hook_set: boolean
  is_allow_list_enabled: boolean
  is_function_permissions_inferred: boolean
  live_queries: { batch_size: number; refetch_delay: number }
}

/** Asks the engine whether the secret is right; without a secret, whether one is needed. */
export function useAccess(engine: Engine): Access {
  const { data, error, refetch } = useQuery({
    queryKey: ['access', engine.secret],
    queryFn: () => engine.get<EngineConfig>('/v1alpha1/config'),
    staleTime: Infinity,
  })
  if (data) return { state: 'granted' }
  if (error instanceof EngineError && error.status < 500) return { state: 'refused' }
  return error ? { state: 'failed', error, retry: () => void refetch() } : { state: 'checking' }
}
