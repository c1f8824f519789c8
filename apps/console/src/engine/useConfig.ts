import { useQuery } from '@tanstack/react-query'

import { useEngine } from './context'

/** Configuration of the engine, for the admin. */
export interface EngineConfig {
  version: string
  engine_version: string
  is_admin_secret_set: boolean
  is_jwt_set: boolean
  is_auth_hook_set: boolean
  is_allow_list_enabled: boolean
  is_function_permissions_inferred: boolean
  default_naming_convention: string
  live_queries: { batch_size: number; refetch_delay: number }
}

/** Path of the configuration. */
export const CONFIG_PATH = '/v1alpha1/config'

/** Reads the configuration of the engine. */
export function useConfig() {
  const engine = useEngine()
  return useQuery({ queryKey: ['config'], queryFn: () => engine.get<EngineConfig>(CONFIG_PATH) })
}
