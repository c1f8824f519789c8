import { EmptyState, ErrorState, LoadingState, Panel, staffMessage, useLive } from '@threefactor/shared'
import { Store } from 'lucide-react'
import { Link } from 'wouter'

import { RestaurantsDocument, SetAutoApproveDocument, SetOpenDocument } from '../../gql/graphql'
import { LiveSwitch } from './LiveSwitch'
import classes from './Restaurants.module.css'

/** Restaurants with their settings. */
export function Restaurants() {
  const { data, loading, error, retry } = useLive(RestaurantsDocument, {})
  return (
    <Panel title="Restaurants">
      {loading && <LoadingState rows={3} label="Loading the restaurants" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data?.restaurants.length === 0 && <EmptyState icon={<Store size={26} />} title="No restaurants" />}
      <ul className={classes.list} aria-label="Restaurants">
        {data?.restaurants.map(({ id, name, open, auto_approve }) => (
          <li key={id} className={classes.row}>
            <span>
              <span className={classes.name}>{name}</span>
              <span className={classes.hint}>{hint(open, auto_approve)}</span>
            </span>
            <LiveSwitch target={{ id }} value={open} label="Open" name={name} mutation={SetOpenDocument} />
            <LiveSwitch
              target={{ id }}
              value={auto_approve}
              label="Auto-approve"
              name={name}
              mutation={SetAutoApproveDocument}
            />
            <Link href={`/availability/${id}`} className={classes.menu} aria-label={`Menu of ${name}`}>
              Menu
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function hint(open: boolean, auto: boolean): string {
  if (!open) return 'Closed'
  return auto ? 'Confirms orders automatically' : 'Confirms orders manually'
}
