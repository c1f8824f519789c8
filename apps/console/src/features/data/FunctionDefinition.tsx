import { Loaded } from '../../common/Loaded'
import table from '../../common/table.module.css'
import type { TableName } from '../../engine/sql'
import { useFunctionDefinition } from '../../engine/useCatalog'

/** SQL of a function. */
export function FunctionDefinition({ name }: { name: TableName }) {
  const definition = useFunctionDefinition(name)
  return (
    <Loaded query={definition} label="Loading the definition of the function">
      {(text) => (
        <pre className={table.block} tabIndex={0} aria-label={`Definition of ${name.name}`}>
          {text ?? 'The database has no function of this name.'}
        </pre>
      )}
    </Loaded>
  )
}
