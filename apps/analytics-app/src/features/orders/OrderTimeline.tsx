import {
  ErrorState,
  LoadingState,
  Panel,
  clockTime,
  duration,
  integerText,
  staffMessage,
  traceAddress,
  useConfig,
  useLive,
} from '@threefactor/shared'

import { outcomeLabel, stepName } from '../../common/steps'
import { OrderHistoryDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { orders as texts } from '../../texts/orders'
import classes from './OrderDetailPage.module.css'

/** History of an order with events, attempts and the time since the entry before. */
export function OrderTimeline({ id, placed }: { id: string; placed: string | null }) {
  const { data, loading, error, retry } = useLive(OrderHistoryDocument, { id })
  const { traceUrl } = useConfig()
  const rows = data?.order_history ?? []
  const traceId = rows.find((row) => row.trace_id !== null)?.trace_id
  return (
    <Panel title={texts.history}>
      {loading && <LoadingState rows={4} label={texts.loadingHistory} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && rows.length === 0 && <p className={classes.none}>{texts.noHistory}</p>}
      <ol className={classes.timeline} aria-label={texts.history}>
        {rows.map((row, index) => {
          const before = rows[index - 1]?.at ?? placed
          return (
            <li key={row.id}>
              <span className={classes.step}>
                {texts.entry(stepName(row.step), outcomeLabel(row.outcome))}
              </span>
              <span className={classes.more}>
                {clockTime(row.at)}
                {before !== null && texts.after(duration(Date.parse(row.at) - Date.parse(before)))}
                {row.attempt !== null &&
                  row.step !== 'payment' &&
                  texts.attempt(integerText(row.attempt + 1))}
              </span>
              {row.event_id !== null && <span className={classes.event}>{common.event(row.event_id)}</span>}
            </li>
          )
        })}
      </ol>
      {traceUrl !== undefined && traceId && (
        <a className={classes.trace} href={traceAddress(traceUrl, traceId)} target="_blank" rel="noreferrer">
          {texts.trace}
        </a>
      )}
    </Panel>
  )
}
