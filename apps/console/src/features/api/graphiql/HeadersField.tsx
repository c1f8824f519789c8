import { TextInput } from '@mantine/core'
import { useState } from 'react'

import table from '../../../common/table.module.css'
import { parseHeaders } from '../variables'

/**
 * Headers of the requests besides those of the session. They are kept in memory only: the history of the editor would store them.
 * The change is applied when the field is left, or by Enter.
 */
export function HeadersField({ onChange }: { onChange: (headers: Record<string, string>) => void }) {
  const [text, setText] = useState('')
  const { headers, error } = parseHeaders(text)
  const apply = () => {
    if (error === undefined) onChange(headers)
  }
  return (
    <TextInput
      className={table.wide}
      label="Other headers"
      placeholder="x-request-id: test-1; authorization: Bearer …"
      value={text}
      error={error}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === 'Enter') apply()
      }}
    />
  )
}
