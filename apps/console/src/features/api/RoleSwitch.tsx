import { TextInput } from '@mantine/core'
import { useId } from 'react'

import table from '../../common/table.module.css'
import { useMetadata } from '../../engine/context'
import { rolesOf } from '../../engine/metadata'
import type { useRole } from './useRole'

/** Selects the role and the session variables of requests. */
export function RoleSwitch({ role, setRole, text, setText, error }: ReturnType<typeof useRole>) {
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
      <TextInput
        className={table.wide}
        label="Session variables"
        placeholder="user-id: alice; restaurant-id: 1"
        value={text}
        error={error}
        disabled={role.trim() === '' || role.trim() === 'admin'}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </div>
  )
}
