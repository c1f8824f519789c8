import { payment as texts } from '../../texts/payment'
import classes from './DemoCards.module.css'
import { DEMO_CARDS, type DemoCard } from './cards'

/** Choice of demo cards; with `picked`, the chosen one stays marked. */
export function DemoCards({
  picked,
  onPick,
}: {
  picked?: DemoCard | undefined
  onPick: (card: DemoCard) => void
}) {
  return (
    <div className={classes.cards} role="group" aria-label={texts.demoCards}>
      {DEMO_CARDS.map((card) => (
        <button
          key={card.number}
          type="button"
          className={classes.card}
          data-accepted={card.accepted || undefined}
          aria-pressed={picked && picked === card}
          onClick={() => onPick(card)}
        >
          <span className={classes.label}>{card.label}</span>
          <span className={classes.number}>{texts.lastDigits(card.number.slice(-4))}</span>
        </button>
      ))}
    </div>
  )
}
