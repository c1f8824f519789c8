import { useMutation, useQuery, useQueryClient, type UseMutationResult } from '@tanstack/react-query'
import { createContext, useContext } from 'react'

import type { Engine } from './engine'
import { entryOf, type Metadata, type TableEntry } from './metadata'
import type { TableName } from './sql'

const EngineContext = createContext<Engine | undefined>(undefined)

export const EngineProvider = EngineContext.Provider

/** Returns the engine that serves the console. */
export function useEngine(): Engine {
  const engine = useContext(EngineContext)
  if (!engine) throw new Error('no EngineProvider')
  return engine
}

/** Metadata with its version. */
export interface CurrentMetadata {
  resource_version: number
  metadata: Metadata
}

/** Reads the metadata. */
export function useMetadata() {
  const engine = useEngine()
  return useQuery({
    queryKey: ['metadata'],
    queryFn: () => engine.metadata<CurrentMetadata>('export_metadata', {}, { version: 2 }),
  })
}

/** Entry of a table in the metadata; undefined if it is not tracked or not read yet. */
export function useEntry(table: TableName): TableEntry | undefined {
  const { data } = useMetadata()
  return data && entryOf(data.metadata, table)
}

/** Runs an action, and then reads everything again that it may have changed, without a wait for that. */
export function useAction<Input = void, Output = unknown>(
  action: (engine: Engine, input: Input) => Promise<Output>,
  onSuccess?: (output: Output) => void,
): UseMutationResult<Output, Error, Input> {
  const engine = useEngine()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: Input) => action(engine, input),
    onSuccess: (output) => {
      onSuccess?.(output)
      void queries.invalidateQueries()
    },
  })
}
