import { StatePicture, orderPath } from '@threefactor/shared'
import { ChevronRight } from 'lucide-react'
import { Link } from 'wouter'

import { home as texts } from '../../texts/home'
import classes from './ActiveOrderLink.module.css'
import { useOrderUpdates } from './OrderUpdatesProvider'

/** State of the newest order in progress, with a link to it; nothing without one. */
export function ActiveOrderLink() {
  const { active } = useOrderUpdates()
  if (!active) return null
  return (
    <Link href={orderPath(active.order.order_id)} className={classes.link}>
      <span className={classes.picture}>
        <StatePicture name="courier" />
      </span>
      <span className={classes.text}>
        <span className={classes.headline}>{active.headline}</span>
        <span className={classes.hint}>{texts.activeOrder}</span>
      </span>
      <ChevronRight size={20} aria-hidden />
    </Link>
  )
}
