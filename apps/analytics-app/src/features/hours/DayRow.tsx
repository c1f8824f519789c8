import { ActionIcon, Button, TextInput } from '@mantine/core'
import { Problem, integerText } from '@threefactor/shared'
import { Plus, X } from 'lucide-react'

import { hours as texts } from '../../texts/hours'
import classes from './DayRow.module.css'
import { MAX_PERIODS, type Period } from './hours'

/** Periods of a weekday. */
export function DayRow({
  name,
  periods,
  problem,
  onChange,
}: {
  name: string
  periods: readonly Period[]
  problem: string | undefined
  onChange: (periods: readonly Period[]) => void
}) {
  const change = (index: number, part: Partial<Period>) =>
    onChange(periods.map((period, at) => (at === index ? { ...period, ...part } : period)))
  return (
    <li className={classes.day} data-day={name}>
      <span className={classes.name}>{name}</span>
      <div className={classes.periods}>
        {periods.length === 0 && <span className={classes.closed}>{texts.closed}</span>}
        {periods.map(({ opens, closes }, index) => {
          const number = integerText(index + 1)
          return (
            <div key={index} className={classes.period}>
              <TextInput
                type="time"
                className={classes.time ?? ''}
                aria-label={texts.opens(name, number)}
                value={opens}
                onChange={(event) => change(index, { opens: event.currentTarget.value })}
              />
              <span>{texts.to}</span>
              <TextInput
                type="time"
                className={classes.time ?? ''}
                aria-label={texts.closes(name, number)}
                value={closes}
                onChange={(event) => change(index, { closes: event.currentTarget.value })}
              />
              <ActionIcon
                variant="default"
                aria-label={texts.remove(name, number)}
                onClick={() => onChange(periods.filter((_, at) => at !== index))}
              >
                <X size={16} aria-hidden />
              </ActionIcon>
            </div>
          )
        })}
        <Problem message={problem} />
      </div>
      {periods.length < MAX_PERIODS && (
        <Button
          variant="light"
          className={classes.add ?? ''}
          leftSection={<Plus size={16} aria-hidden />}
          aria-label={texts.addTo(name)}
          onClick={() => onChange([...periods, { opens: '', closes: '' }])}
        >
          {texts.add}
        </Button>
      )}
    </li>
  )
}
