import { Notice } from '@threefactor/shared/ui'

/** Response of a command for several objects. */
export interface TrackAnswer {
  warnings?: { name: string; message: string }[]
}

/** Objects for which a command failed, with the reasons. */
export function Warnings({ answer }: { answer: TrackAnswer | undefined }) {
  if (!answer?.warnings?.length) return null
  return (
    <Notice tone="bad" title="Not all of them succeeded">
      <ul>
        {answer.warnings.map(({ name, message }) => (
          <li key={name}>
            {name}: {message}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
