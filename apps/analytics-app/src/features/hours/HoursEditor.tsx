import { Button, NativeSelect } from '@mantine/core'
import { Panel, Problem, useConfig } from '@threefactor/shared'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { SetOpeningHoursDocument } from '../../gql/graphql'
import { hours as texts } from '../../texts/hours'
import { DayRow } from './DayRow'
import { ALWAYS_OPEN, FIRST_WEEK, isAlwaysOpen, problemOf, rowsOf, withDay, type Week } from './hours'
import classes from './HoursEditor.module.css'
import { zonesWith } from './zones'

/** Form for the hours of a week. What is edited is kept until it is saved or discarded, also if another client saves. */
export function HoursEditor({
  restaurant,
  week: storedWeek,
  zone: storedZone,
}: {
  restaurant: number
  week: Week
  zone: string
}) {
  const { access } = useConfig()
  const save = useAction(SetOpeningHoursDocument, texts.notSaved)
  const [draft, setDraft] = useState<{ week: Week; zone: string }>()
  const [tried, setTried] = useState(false)
  const [saved, setSaved] = useState(false)
  const { week, zone } = draft ?? { week: storedWeek, zone: storedZone }
  const always = isAlwaysOpen(week)
  const [monday] = week
  const problem = save.problem?.includes('time zone') ? texts.zoneUnknown : save.problem
  const edit = (change: { week?: Week; zone?: string }) => {
    setDraft({ week, zone, ...change })
    setSaved(false)
  }
  const submit = async () => {
    setTried(true)
    if (save.busy || week.some((periods) => problemOf(periods) !== undefined)) return
    // In open mode the backend does not know the restaurant; otherwise it sets that of the token.
    const owner = access === 'open' ? { restaurant_id: restaurant } : {}
    const hours = rowsOf(week).map((row) => ({ ...row, ...owner }))
    if ((await save.run({ restaurant, zone, hours })) !== 'changed') return
    setDraft(undefined)
    setTried(false)
    setSaved(true)
  }
  return (
    <Panel title={texts.week}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        {always && (
          <div className={classes.always}>
            <p className={classes.text}>{texts.always}</p>
            <Button variant="light" onClick={() => edit({ week: FIRST_WEEK })}>
              {texts.setHours}
            </Button>
          </div>
        )}
        {!always && (
          <>
            <NativeSelect
              className={classes.zone ?? ''}
              label={texts.zone}
              value={zone}
              data={zonesWith(zone)}
              onChange={(event) => edit({ zone: event.currentTarget.value })}
            />
            <ul className={classes.days} aria-label={texts.week}>
              {week.map((periods, day) => (
                <DayRow
                  key={day}
                  name={texts.days[day] ?? ''}
                  periods={periods}
                  problem={tried ? problemOf(periods) : undefined}
                  onChange={(periods) => edit({ week: withDay(week, day, periods) })}
                />
              ))}
            </ul>
            <p className={classes.text}>{texts.nextDay}</p>
          </>
        )}
        <Problem message={problem} />
        <p className={classes.text} role="status">
          {saved && !draft ? texts.saved : ''}
        </p>
        <div className={classes.buttons}>
          {!always && (
            <>
              {monday !== undefined && monday.length > 0 && (
                <Button variant="default" onClick={() => edit({ week: week.map(() => monday) })}>
                  {texts.copyMonday}
                </Button>
              )}
              <Button variant="default" onClick={() => edit({ week: ALWAYS_OPEN })}>
                {texts.removeAll}
              </Button>
            </>
          )}
          {draft && (
            <>
              <Button variant="default" onClick={() => setDraft(undefined)}>
                {texts.discard}
              </Button>
              <Button type="submit" aria-busy={save.busy}>
                {texts.save}
              </Button>
            </>
          )}
        </div>
      </form>
    </Panel>
  )
}
