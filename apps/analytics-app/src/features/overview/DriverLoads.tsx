import { EmptyState, ErrorState, LoadingState, Panel, staffMessage, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'
import { Link } from 'wouter'

import { Bar } from '../../common/Bar'
import { colour } from '../../common/colours'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { BusiestDriversDocument } from '../../gql/graphql'
import { overview as texts } from '../../texts/overview'
import classes from './DriverLoads.module.css'

/** Drivers with the most active deliveries. */
export function DriverLoads() {
  const { data, loading, error, retry } = useLive(BusiestDriversDocument, {})
  const drivers = nonNullRows(useThrottled(data, 250)?.driver_loads, 'id', 'name', 'orders', 'available')
  const busy = drivers.filter((driver) => driver.orders > 0)
  const most = Math.max(5, ...busy.map((driver) => driver.orders))
  return (
    <Panel title={texts.busiestDrivers} aside={<Link href="/availability">{texts.allDrivers}</Link>}>
      {loading && <LoadingState rows={6} label={texts.loadingDrivers} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && busy.length === 0 && <EmptyState icon={<Bike size={26} />} title={texts.noDeliveries} />}
      <ol className={classes.list} aria-label={texts.busiestDriversList}>
        {busy.map(({ id, name, orders, available }) => (
          <li key={id} className={classes.row}>
            <span className={classes.name}>
              {name}
              {!available && <span className={classes.away}>{texts.unavailable}</span>}
            </span>
            <Bar share={orders / most} colour={colour('assigned')} />
            <span className={classes.count}>{orders}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
