import { Button } from '@mantine/core'
import {
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  counted,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { CircleCheck } from 'lucide-react'
import { useRef, useState } from 'react'

import { useAction } from '../../common/useAction'
import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import classes from './QueuePanel.module.css'
import type { Queue } from './queues'
import { WorkCard } from './WorkCard'

const MAX_SHOWN = 25
/** Orders that the question before a bulk action names. */
const MAX_NAMED = 3

/** Orders of one queue. */
export function QueuePanel<Scope extends object>({
  queue,
  scope,
  hideEmpty = false,
}: {
  queue: Queue<Scope>
  scope: Scope
  /** Omits the panel while the queue is empty. */
  hideEmpty?: boolean
}) {
  const { data, loading, error, retry } = useLive(queue.orders, { ...scope, limit: MAX_SHOWN + 1 })
  const all = useAction(queue.mutation, 'Nothing to do')
  const orders = nonNullRows(useThrottled(data, 100)?.work, 'order_id', 'created')
  const shown = orders.slice(0, MAX_SHOWN)
  const more = orders.length > MAX_SHOWN
  // The orders that the question names, which are those that the action is for, also if more have arrived since.
  const [asked, setAsked] = useState<typeof shown>()
  const list = useRef<HTMLUListElement>(null)
  useStableList(
    list,
    shown.map((order) => order.order_id),
  )
  if (hideEmpty && shown.length === 0) return null
  return (
    <Panel
      title={queue.title}
      aside={
        data && (
          <span className={classes.count}>
            {more ? `${MAX_SHOWN}+` : shown.length}
            <span className={classes.hidden}> {shown.length === 1 ? 'order' : 'orders'}</span>
          </span>
        )
      }
    >
      {loading && <LoadingState rows={3} label={`Loading: ${queue.title.toLowerCase()}`} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && shown.length === 0 && (
        <EmptyState icon={<CircleCheck size={26} />} title={queue.empty}>
          {queue.emptyHint}
        </EmptyState>
      )}
      {shown.length > 1 && (
        <div className={classes.all}>
          <Button variant="default" fullWidth loading={all.busy} onClick={() => setAsked(shown)}>
            {queue.verbFor(more ? `the first ${MAX_SHOWN}` : `all ${shown.length}`)}
          </Button>
          {all.problem !== undefined && (
            <p className={classes.problem} role="alert">
              {all.problem}
            </p>
          )}
        </div>
      )}
      {asked && (
        <ConfirmDialog
          title={`${queue.verbFor(counted(asked.length, 'order'))}?`}
          confirm={queue.verbFor(counted(asked.length, 'order'))}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void all.run({ ids: asked.map((order) => order.order_id) })}
        >
          <ul className={classes.named}>
            {asked.slice(0, MAX_NAMED).map((order) => (
              <li key={order.order_id}>
                #{order.order_id.slice(0, 8)} · {order.items ?? 'No items'}
              </li>
            ))}
            {asked.length > MAX_NAMED && <li>and {counted(asked.length - MAX_NAMED, 'more order')}</li>}
          </ul>
          <p className={classes.more}>This cannot be undone.</p>
        </ConfirmDialog>
      )}
      <ul ref={list} tabIndex={-1} className={classes.list} aria-label={queue.title}>
        {shown.map((order) => (
          <WorkCard key={order.order_id} order={order} queue={queue} />
        ))}
      </ul>
      {more && <p className={classes.more}>Showing the {MAX_SHOWN} oldest orders.</p>}
    </Panel>
  )
}
