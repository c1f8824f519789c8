import { Panel, clockTime, duration } from '@threefactor/shared'

import { story, type Background, type HistoryRow } from './chapters'
import classes from './Story.module.css'

/** What happened to the order, when, how long after the step before, at which attempt. */
export function Story({
  created,
  history,
  ...background
}: Background & { created: string; history: readonly HistoryRow[] }) {
  return (
    <Panel title="Story">
      <ol className={classes.story}>
        {story(created, history, background).map(({ id, at, title, detail, tone, since, attempt }) => (
          <li key={id} className={classes.chapter} data-tone={tone} data-history-id={id} data-at={at}>
            <span className={classes.title}>{title}</span>
            {since !== undefined && <span className={classes.since}>+{duration(since)}</span>}
            <span className={classes.details}>
              {detail && <span className={classes.why}>{detail}</span>}
              <time dateTime={at}>{clockTime(at)}</time>
              {attempt && <span>{attempt}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
