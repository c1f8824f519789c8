import { TextInput } from '@mantine/core'

import table from '../../common/table.module.css'

/** Session variables of requests as a role; see `parseVariables`. */
export function SessionVariables({
  text,
  error,
  disabled = false,
  onChange,
}: {
  text: string
  error: string | undefined
  disabled?: boolean
  onChange: (text: string) => void
}) {
  return (
    <TextInput
      className={table.wide}
      label="Session variables"
      placeholder="user-id: alice; restaurant-id: 1"
      value={text}
      error={error}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
