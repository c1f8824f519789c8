import { setTitleNotice, useLive } from '@threefactor/shared'
import { useEffect } from 'react'

import type { Queue } from './queues'

/** Orders that are counted, as in the list of the queue. */
const MAX_COUNTED = 26

/** Shows the number of orders of a queue before the title of the page, so that it is seen in another tab. */
export function useQueueNotice<Scope extends object>(
  queue: Queue<Scope>,
  scope: Scope,
  text: (count: number) => string,
): void {
  const count = useLive(queue.orders, { ...scope, limit: MAX_COUNTED }).data?.work.length ?? 0
  const notice = count > 0 ? text(count) : undefined
  useEffect(() => {
    setTitleNotice(notice)
    return () => setTitleNotice(undefined)
  }, [notice])
}
