import { Choices } from '../../../common/Choices'
import { Failure } from '../../../common/Failure'
import table from '../../../common/table.module.css'
import { useAction } from '../../../engine/context'
import { useConfig } from '../../../engine/useConfig'
import type { FunctionEntry } from '../../../engine/metadata'
import { displayName, type TableName } from '../../../engine/sql'
import type { Exposure } from './trackedFunction'

/** Roles that may call a tracked function. */
export function FunctionPermissions({
  entry,
  exposure,
  readers,
  target,
}: {
  entry: FunctionEntry
  exposure: Exposure
  /** Roles that may read the rows that it returns. */
  readers: string[]
  /** Table of these rows. */
  target: TableName | undefined
}) {
  const config = useConfig()
  const granted = (entry.permissions ?? []).map(({ role }) => role)
  const change = useAction((engine, roles: string[]) => {
    const commands = [...new Set([...granted, ...roles])]
      .filter((role) => granted.includes(role) !== roles.includes(role))
      .map((role) => ({
        type: `pg_${roles.includes(role) ? 'create' : 'drop'}_function_permission`,
        args: { function: entry.function, role },
      }))
    return engine.metadata('bulk', commands)
  })
  const options = [...new Set([...readers, ...granted])].sort()
  const isInferred = exposure === 'query' && config.data?.is_function_permissions_inferred === true
  return (
    <div className={table.stack}>
      {isInferred && (
        <p className={table.hint}>
          Every role that may read {target ? displayName(target) : 'the rows'} may call this function, because
          the engine infers the permissions of queries (HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS).
        </p>
      )}
      {options.length === 0 ? (
        <p className={table.hint}>
          Give a role the permission to select from {target ? displayName(target) : 'the table'} first: then
          it can be permitted to call the function.
        </p>
      ) : (
        <Choices
          legend="Roles that may call it"
          options={options}
          chosen={granted}
          onChange={(roles) => change.mutate(roles)}
        />
      )}
      <Failure error={change.error} title="The permissions were not changed" />
    </div>
  )
}
