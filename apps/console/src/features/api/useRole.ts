import { useMemo, useState } from 'react'

import type { AsRole } from '../../engine/engine'
import { parseVariables } from './variables'

/** Role and session variables of the requests. */
export function useRole() {
  const [role, setRole] = useState('')
  const [text, setText] = useState('')
  const { variables, error } = parseVariables(text)
  const key = JSON.stringify(variables)
  const as = useMemo<AsRole | undefined>(
    () =>
      role.trim() === '' || role.trim() === 'admin'
        ? undefined
        : { role: role.trim(), variables: JSON.parse(key) as Record<string, string> },
    [role, key],
  )
  return { role, setRole, text, setText, error, as }
}
