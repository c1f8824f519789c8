import { Notice } from '@threefactor/shared/ui'

import { messageOf } from '../engine/errors'

/** Message of a failed action; nothing if there is none. */
export function Failure({ error, title }: { error: unknown; title?: string }) {
  if (error === null || error === undefined) return null
  return (
    <Notice tone="bad" {...(title !== undefined && { title })}>
      {messageOf(error)}
    </Notice>
  )
}
