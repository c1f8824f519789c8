import { TextInput } from '@mantine/core'
import { useId, type ReactNode } from 'react'

import table from '../../common/table.module.css'
import { useMetadata } from '../../engine/context'
import { rolesOf } from '../../engine/metadata'
import { SessionVariables } from './SessionVariables'
import type { useRole } from './useRole'

/** Selects the role and the session variables of requests. */
export function RoleSwitch({
  role: { role, setRole, text, setText, error },
  children,
}: {
  role: ReturnType<typeof useRole>
  /** Other fields of the requests. */
  children?: ReactNode
}) {
  const { data } = useMetadata()
  const list = useId()
  return (
    <div className={table.row}>
      <TextInput
        label="Role"
        placeholder="admin"
        list={list}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value)}
      />
      <datalist id={list}>
        {data && ['admin', ...rolesOf(data.metadata)].map((name) => <option key={name} value={name} />)}
      </datalist>
      <SessionVariables
        text={text}
        error={error}
        disabled={role.trim() === '' || role.trim() === 'admin'}
        onChange={setText}
      />
      {children}
    </div>
  )
}
