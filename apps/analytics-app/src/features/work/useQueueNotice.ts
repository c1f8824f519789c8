import { cappedText, setTitleNotice, useLive } from '@threefactor/shared'
import { useEffect, useMemo } from 'react'

import { MAX_SHOWN, type Queue } from './queues'

/**
 * Shows the number of orders of a queue before the title of the page, so that it is seen in another tab.
 *
 * @param text receives the number, and the text for it
 * @returns the ids of the orders; undefined until they are loaded
 */
export function useQueueNotice<Scope extends object>(
  queue: Queue<Scope>,
  scope: Scope,
  text: (count: number, shown: string) => string,
): readonly string[] | undefined {
  // One more than is listed, as the list of the queue, with which it shares the subscription.
  const work = useLive(queue.orders, { ...scope, limit: MAX_SHOWN + 1 }).data?.work
  const count = work?.length ?? 0
  const notice = count > 0 ? text(count, cappedText(count, MAX_SHOWN)) : undefined
  useEffect(() => {
    setTitleNotice(notice)
    return () => setTitleNotice(undefined)
  }, [notice])
  return useMemo(() => work?.flatMap(({ order_id }) => order_id ?? []), [work])
}
