import { CalendarClock } from 'lucide-react'

import { restaurant as texts } from '../../texts/restaurant'
import { weekOf, type Day, type Period } from './hours'
import classes from './OpeningHours.module.css'

/** Opening hours of today, and below them those of the week; nothing for a restaurant without hours. */
export function OpeningHours({ hours, zone }: { hours: readonly Period[]; zone: string }) {
  if (hours.length === 0) return null
  const week = weekOf(hours, zone)
  const today = week.find(({ isToday }) => isToday)
  return (
    <details className={classes.hours}>
      <summary className={classes.today}>
        <CalendarClock size={17} aria-hidden /> {texts.hours}
        <span>
          {today && today.periods.length > 0 ? texts.hoursToday(timesOf(today)) : texts.closedToday}
        </span>
      </summary>
      <dl className={classes.week}>
        {week.map((day) => (
          <div key={day.name} className={classes.day} data-today={day.isToday || undefined}>
            <dt>{day.name}</dt>
            <dd>{day.periods.length > 0 ? timesOf(day) : texts.closedOn}</dd>
          </div>
        ))}
      </dl>
      {zone !== Intl.DateTimeFormat().resolvedOptions().timeZone && (
        <p className={classes.zone}>{texts.zone(zone)}</p>
      )}
    </details>
  )
}

function timesOf({ periods }: Day): string {
  return periods
    .map(({ opens, closes, allDay }) => (allDay ? texts.allDay : texts.period(opens, closes)))
    .join(', ')
}
