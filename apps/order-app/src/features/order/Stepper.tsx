import { StatePicture } from '@threefactor/shared'
import { Check, X } from 'lucide-react'

import { order as texts, type Names } from '../../texts/order'
import { doneCount, headline, lifecycle, upTo, type Lifecycle } from './lifecycle'
import classes from './Stepper.module.css'
import { usePaced } from './usePaced'

/** Life cycle of an order with its current step. */
export function Stepper({ order, names }: { order: Lifecycle; names: Names }) {
  const all = lifecycle(order)
  const steps = upTo(all, usePaced(doneCount(all)))
  return (
    <div className={classes.stepper}>
      <ol className={classes.steps} aria-label={texts.stepsLabel}>
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
            <span className={classes.hidden}>{`, ${texts.stepStates[state]}`}</span>
          </li>
        ))}
      </ol>
      {order.delivered && <StatePicture name="delivered" className={classes.picture} />}
      {/* The heading of the page has the same text; this element announces its changes. */}
      <p className={order.delivered ? classes.now : classes.hidden} role="status">
        {order.delivered ? texts.enjoy : headline(order.status, names)}
      </p>
    </div>
  )
}
