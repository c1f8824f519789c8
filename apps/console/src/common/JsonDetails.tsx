import { prettyJson } from './json'
import table from './table.module.css'

/** JSON values that are shown when they are opened. */
export function JsonDetails({ summary, values }: { summary: string; values: unknown[] }) {
  return (
    <details>
      <summary>{summary}</summary>
      {values.map((value, index) => (
        <pre key={index} className={table.block}>
          {prettyJson(value)}
        </pre>
      ))}
    </details>
  )
}
