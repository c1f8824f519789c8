import { Textarea } from '@mantine/core'

import { parseJson } from './json'

/** Field for a JSON value. The error of an invalid text is shown below it. */
export function JsonField({
  label,
  description,
  value,
  onChange,
  rows = 6,
}: {
  label: string
  description?: string
  value: string
  onChange: (text: string) => void
  rows?: number
}) {
  const { error } = parseJson(value)
  return (
    <Textarea
      label={label}
      description={description}
      value={value}
      rows={rows}
      error={error}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.875rem' } }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
