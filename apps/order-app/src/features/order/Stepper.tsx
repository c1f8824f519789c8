import { Check, X } from 'lucide-react'

import { doneCount, headline, lifecycle, upTo, type Lifecycle } from './lifecycle'
import classes from './Stepper.module.css'
import { usePaced } from './usePaced'

const STATE_LABELS = { done: 'done', current: 'in progress', failed: 'failed', todo: 'not started' }

/** Life cycle of an order with its current step. */
export function Stepper({ order }: { order: Lifecycle }) {
  const all = lifecycle(order)
  const steps = upTo(all, usePaced(doneCount(all)))
  const current = steps.find(({ state }) => state === 'current')
  return (
    <div className={classes.stepper}>
      <ol className={classes.steps} aria-label="Order status">
        {steps.map(({ key, label, state }, index) => (
          <li
            key={key}
            className={classes.step}
            data-state={state}
            data-step={key}
            aria-current={state === 'current' ? 'step' : undefined}
          >
            <span className={classes.dot} aria-hidden>
              {state === 'done' ? (
                <Check size={15} strokeWidth={3} />
              ) : state === 'failed' ? (
                <X size={15} strokeWidth={3} />
              ) : (
                index + 1
              )}
            </span>
            <span className={classes.label}>{label}</span>
            <span className={classes.hidden}>, {STATE_LABELS[state]}</span>
          </li>
        ))}
      </ol>
      {/* The heading of the page has the same text; this element announces its changes. */}
      <p className={order.delivered ? classes.now : classes.hidden} role="status">
        {current?.description ?? (order.delivered ? 'Enjoy your meal!' : headline(order))}
      </p>
    </div>
  )
}
