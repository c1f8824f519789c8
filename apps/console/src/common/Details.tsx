import { useState, type ReactNode } from 'react'

/** Content that is rendered, and loads its data, when it is opened for the first time. */
export function Details({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  const [wasOpened, setWasOpened] = useState(false)
  return (
    <details
      onToggle={(event) => {
        if (event.currentTarget.open) setWasOpened(true)
      }}
    >
      <summary>{summary}</summary>
      {wasOpened && children}
    </details>
  )
}
