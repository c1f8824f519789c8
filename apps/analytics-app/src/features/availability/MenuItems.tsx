import { EmptyState, ErrorState, LoadingState, Panel, staffMessage, useLive } from '@threefactor/shared'
import { UtensilsCrossed } from 'lucide-react'

import { MenuDocument, SetDishAvailableDocument } from '../../gql/graphql'
import { LiveSwitch } from './LiveSwitch'
import classes from './MenuItems.module.css'
import { PriceEditor } from './PriceEditor'

/** Dishes with their prices and availability. */
export function MenuItems() {
  const { data, loading, error, retry } = useLive(MenuDocument, {})
  return (
    <Panel title="Menu">
      {loading && <LoadingState rows={6} label="Loading the menu" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data?.menu_items.length === 0 && (
        <EmptyState icon={<UtensilsCrossed size={26} />} title="The menu is empty" />
      )}
      <ul className={classes.list} aria-label="Menu">
        {data?.menu_items.map(({ name, price, available }) => (
          <li key={name} className={classes.row}>
            <span className={classes.name}>{name}</span>
            {/* A new price replaces what has been typed. */}
            <PriceEditor key={price} name={name} price={price} />
            <LiveSwitch
              id={name}
              value={available}
              label="Available"
              name={name}
              mutation={SetDishAvailableDocument}
            />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
