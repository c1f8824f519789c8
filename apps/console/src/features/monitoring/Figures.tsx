import { integerText } from '@threefactor/shared/ui'

import classes from './Figures.module.css'

/** Row of numbers with their names. */
export function Figures({ figures }: { figures: { name: string; value: number; of?: number }[] }) {
  return (
    <dl className={classes.figures}>
      {figures.map(({ name, value, of }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {integerText(value)}
            {of !== undefined && <span className={classes.of}> of {integerText(of)}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
