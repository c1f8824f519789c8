import { home as texts } from '../../texts/home'
import classes from './CuisineFilter.module.css'

/** One button per cuisine. */
export function CuisineFilter({
  cuisines,
  value,
  onChange,
}: {
  /** Undefined while they are loading: the row keeps its height. */
  cuisines: readonly string[] | undefined
  /** Empty: all. */
  value: string
  onChange: (cuisine: string) => void
}) {
  // A cuisine in the address that no restaurant has stays visible, so that it can be cleared.
  const shown = cuisines && (value === '' || cuisines.includes(value) ? cuisines : [...cuisines, value])
  return (
    <div className={classes.filter} role="group" aria-label={texts.cuisines}>
      {shown &&
        ['', ...shown].map((cuisine) => (
          <button
            key={cuisine}
            type="button"
            className={classes.option}
            aria-pressed={cuisine === value}
            onClick={() => onChange(cuisine)}
          >
            {cuisine || texts.allCuisines}
          </button>
        ))}
    </div>
  )
}
