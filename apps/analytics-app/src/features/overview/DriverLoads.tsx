import { EmptyState, ErrorState, LoadingState, Panel, explain, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'
import { Link } from 'wouter'

import { colour } from '../../common/colours'
import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import { BusiestDriversDocument } from '../../gql/graphql'
import classes from './DriverLoads.module.css'

/** The drivers with the most orders to deliver. */
export function DriverLoads() {
  const { data, loading, error, retry } = useLive(BusiestDriversDocument, {})
  const drivers = whole(usePaced(data, 250)?.driver_loads, 'id', 'name', 'orders', 'available')
  const busy = drivers.filter((driver) => driver.orders > 0)
  const most = Math.max(5, ...busy.map((driver) => driver.orders))
  return (
    <Panel title="Busiest drivers" aside={<Link href="/availability">All drivers</Link>}>
      {loading && <LoadingState rows={6} label="Loading the drivers" />}
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {data && busy.length === 0 && (
        <EmptyState icon={<Bike size={26} />} title="No driver has an order to deliver" />
      )}
      <ol className={classes.list} aria-label="Drivers with the most orders to deliver">
        {busy.map(({ id, name, orders, available }) => (
          <li key={id} className={classes.row}>
            <span className={classes.name}>
              {name}
              {!available && <span className={classes.away}>not available</span>}
            </span>
            <span className={classes.bar} aria-hidden>
              <span
                className={classes.fill}
                style={{ transform: `scaleX(${orders / most})`, background: colour('assigned') }}
              />
            </span>
            <span className={classes.count}>{orders}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
