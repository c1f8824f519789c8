import { Button } from '@mantine/core'
import {
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  Problem,
  cappedText,
  integerText,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { CircleCheck } from 'lucide-react'
import { useRef, useState } from 'react'

import { useAction } from '../../common/useAction'
import { useStableList } from '../../common/useStableList'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { common } from '../../texts/common'
import { work as texts } from '../../texts/work'
import classes from './QueuePanel.module.css'
import { MAX_SHOWN, type Queue } from './queues'
import { WorkCard } from './WorkCard'

/** Orders that the question before a bulk action names. */
const MAX_NAMED = 3

/** Orders of one queue. */
export function QueuePanel<Scope extends object>({
  queue,
  scope,
  usualMinutes,
  hideEmpty = false,
}: {
  queue: Queue<Scope>
  scope: Scope
  /** Minutes that the step usually takes, from which the user chooses others; absent if it takes none. */
  usualMinutes?: number
  /** Omits the panel while the queue is empty. */
  hideEmpty?: boolean
}) {
  const { data, loading, error, retry } = useLive(queue.orders, { ...scope, limit: MAX_SHOWN + 1 })
  const all = useAction(queue.mutation, common.nothingToDo)
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
            {cappedText(orders.length, MAX_SHOWN)}
            <span className={classes.hidden}>{texts.ordersAside(orders.length)}</span>
          </span>
        )
      }
    >
      {loading && <LoadingState rows={3} label={common.loadingList(queue.title)} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && shown.length === 0 && (
        <EmptyState icon={<CircleCheck size={26} />} title={queue.empty}>
          {queue.emptyHint}
        </EmptyState>
      )}
      {shown.length > 1 && (
        <div className={classes.all}>
          <Button variant="default" fullWidth loading={all.busy} onClick={() => setAsked(shown)}>
            {queue.verbFor((more ? texts.firstOf : texts.allOf)(integerText(shown.length)))}
          </Button>
          <Problem message={all.problem} />
        </div>
      )}
      {asked && (
        <ConfirmDialog
          title={texts.question(queue.verbFor(texts.orders(asked.length)))}
          confirm={queue.verbFor(texts.orders(asked.length))}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void all.run({ ids: asked.map((order) => order.order_id) })}
        >
          <ul className={classes.named}>
            {asked.slice(0, MAX_NAMED).map((order) => (
              <li key={order.order_id}>
                {texts.named(common.number(order.order_id), order.items ?? common.noItems)}
              </li>
            ))}
            {asked.length > MAX_NAMED && <li>{texts.more(asked.length - MAX_NAMED)}</li>}
          </ul>
          <p className={classes.more}>{texts.final}</p>
        </ConfirmDialog>
      )}
      <ul ref={list} tabIndex={-1} className={classes.list} aria-label={queue.title}>
        {shown.map((order) => (
          <WorkCard key={order.order_id} order={order} queue={queue} usualMinutes={usualMinutes} />
        ))}
      </ul>
      {more && <p className={classes.more}>{texts.oldest(integerText(MAX_SHOWN))}</p>}
    </Panel>
  )
}
