import { readStored, userKey, writeStored } from '@threefactor/shared'
import { useState } from 'react'

/** Text of a user that is stored in this browser. */
export function useStoredText(
  user: string,
  name: string,
  initial: string,
): [text: string, setText: (text: string) => void] {
  const key = userKey(user, name)
  const [text, setText] = useState(() => readStored(window.localStorage, key, asText) ?? initial)
  const store = (text: string) => {
    setText(text)
    writeStored(window.localStorage, key, text)
  }
  return [text, store]
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
