import { minuteTime, useNow } from '@threefactor/shared'

import { order as texts } from '../../texts/order'
import { isTracked } from '../map/tracking'
import classes from './OrderPage.module.css'

/** Estimated time of arrival; keeps its height until it is known. */
export function Arrival({ status, eta }: { status?: string | null; eta: string | null | undefined }) {
  const now = useNow(15_000)
  if (!isTracked(status)) return null
  const confirmed = status !== 'paid'
  return (
    <span className={classes.arrival} data-confirmed={confirmed || undefined} data-testid="arrival">
      {eta == null ? '\u00a0' : arrivalText(confirmed, eta, now)}
    </span>
  )
}

function arrivalText(confirmed: boolean, eta: string, now: number): string {
  const isPast = Date.parse(eta) <= now
  if (confirmed) return isPast ? texts.arrivingSoon : texts.arriving(minuteTime(eta))
  return isPast ? '\u00a0' : texts.arrivingIfConfirmed(minuteTime(eta))
}
