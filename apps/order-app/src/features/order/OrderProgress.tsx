import { Panel, shortTime } from '@threefactor/shared'

import { order as texts } from '../../texts/order'
import classes from './OrderProgress.module.css'
import { progressEntries, type HistoryRow, type OrderDetails } from './progress'

/** Past steps of an order, with their times. */
export function OrderProgress({
  created,
  history,
  ...details
}: OrderDetails & { created: string; history: readonly HistoryRow[] }) {
  return (
    <Panel title={texts.progress}>
      <ol className={classes.list}>
        {progressEntries(created, history, details).map(({ id, at, title, detail, tone }) => (
          <li key={id} className={classes.entry} data-tone={tone} data-history-id={id} data-at={at}>
            <span className={classes.title}>{title}</span>
            <time className={classes.time} dateTime={at}>
              {shortTime(at)}
            </time>
            {detail && <span className={classes.detail}>{detail}</span>}
          </li>
        ))}
      </ol>
    </Panel>
  )
}
