import { Button, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { Check, CornerDownRight, Filter, X } from 'lucide-react'
import { useState } from 'react'

import { Scroll } from '../../../common/Scroll'
import table from '../../../common/table.module.css'
import type { Definition } from '../../../engine/catalog'
import { useEntry, useMetadata } from '../../../engine/context'
import {
  OPERATIONS,
  inheritsPermission,
  permissionsOf,
  rolesOf,
  type Metadata,
  type Operation,
  type TableEntry,
} from '../../../engine/metadata'
import type { TableName } from '../../../engine/sql'
import { PermissionForm } from './PermissionForm'
import { ViewAsRole } from './ViewAsRole'
import classes from './PermissionsTab.module.css'
import { filterOf, isUnrestricted } from './permission'

/** Grid of roles and operations; the selected permission can be edited below it. */
export function PermissionsTab({ table: name, definition }: { table: TableName; definition: Definition }) {
  const of = { schema: name.schema, name: name.name }
  const entry = useEntry(of)
  const { data } = useMetadata()
  const [added, setAdded] = useState<string[]>([])
  const [draft, setDraft] = useState('')
  const [selected, setSelected] = useState<{ role: string; operation: Operation }>()
  if (!entry || !data) return null
  const roles = [...new Set([...rolesOf(data.metadata), ...added])].sort()
  return (
    <>
      <Panel title="Permissions">
        <div className={table.stack}>
          <Scroll label="Grid of permissions">
            <table className={`${table.table} ${classes.grid}`}>
              <thead>
                <tr>
                  <th scope="col">Role</th>
                  {OPERATIONS.map((operation) => (
                    <th key={operation} scope="col">
                      {operation}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                <tr>
                  <th scope="row">admin</th>
                  {OPERATIONS.map((operation) => (
                    <td key={operation}>
                      <span className={classes.fixed}>
                        <Check size={16} aria-hidden /> everything
                      </span>
                    </td>
                  ))}
                </tr>
                {roles.map((role) => (
                  <tr key={role}>
                    <th scope="row">{role}</th>
                    {OPERATIONS.map((operation) => (
                      <td key={operation}>
                        <Cell
                          metadata={data.metadata}
                          entry={entry}
                          role={role}
                          operation={operation}
                          isSelected={selected?.role === role && selected.operation === operation}
                          onSelect={() => setSelected({ role, operation })}
                        />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
          <form
            className={table.row}
            onSubmit={(event) => {
              event.preventDefault()
              if (draft.trim() !== '') setAdded([...added, draft.trim()])
              setDraft('')
            }}
          >
            <TextInput
              label="New role"
              value={draft}
              onChange={(event) => setDraft(event.currentTarget.value)}
            />
            <Button type="submit" variant="default">
              Add role
            </Button>
          </form>
        </div>
      </Panel>
      {selected && (
        <PermissionForm
          key={`${selected.role} ${selected.operation}`}
          entry={entry}
          definition={definition}
          role={selected.role}
          operation={selected.operation}
          onClose={() => setSelected(undefined)}
        />
      )}
      <ViewAsRole table={of} roles={roles} />
    </>
  )
}

function Cell({
  metadata,
  entry,
  role,
  operation,
  isSelected,
  onSelect,
}: {
  metadata: Metadata
  entry: TableEntry
  role: string
  operation: Operation
  isSelected: boolean
  onSelect: () => void
}) {
  const permission = permissionsOf(entry, operation).find((other) => other.role === role)
  const isInherited = !permission && inheritsPermission(metadata, entry, operation, role)
  const { icon, text } = !permission
    ? isInherited
      ? { icon: <CornerDownRight size={16} aria-hidden />, text: 'inherited rows' }
      : { icon: <X size={16} aria-hidden />, text: 'none' }
    : isUnrestricted(filterOf(operation, permission.permission))
      ? { icon: <Check size={16} aria-hidden />, text: 'all rows' }
      : { icon: <Filter size={16} aria-hidden />, text: 'some rows' }
  return (
    <button
      type="button"
      className={classes.cell}
      data-state={permission || isInherited ? 'granted' : 'denied'}
      aria-pressed={isSelected}
      aria-label={`${role} may ${operation} ${text}`}
      onClick={onSelect}
    >
      {icon} {text}
    </button>
  )
}
