import { Button } from '@mantine/core'
import {
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  counted,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { useAction } from '../../common/useAction'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { DriversDocument, SetAllAvailableDocument, SetAvailableDocument } from '../../gql/graphql'
import classes from './Drivers.module.css'
import { LiveSwitch } from './LiveSwitch'

/** Drivers with their availability and number of active deliveries. */
export function Drivers() {
  const { data, loading, error, retry } = useLive(DriversDocument, {})
  const all = useAction(SetAllAvailableDocument, 'Nothing to do')
  const drivers = nonNullRows(useThrottled(data, 100)?.driver_loads, 'id', 'name', 'available', 'orders')
  const available = drivers.filter((driver) => driver.available).length
  return (
    <Panel
      title={data ? `Drivers: ${available} of ${drivers.length} available` : 'Drivers'}
      aside={
        <div className={classes.all}>
          <Button
            size="xs"
            variant="default"
            disabled={all.busy || available === drivers.length}
            onClick={() => void all.run({ value: true })}
          >
            All available
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={all.busy || available === 0}
            onClick={() => void all.run({ value: false })}
          >
            None available
          </Button>
        </div>
      }
    >
      {all.problem !== undefined && (
        <p className={classes.problem} role="alert">
          {all.problem}
        </p>
      )}
      {loading && <LoadingState rows={6} label="Loading the drivers" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && drivers.length === 0 && <EmptyState icon={<Bike size={26} />} title="No drivers" />}
      <ul className={classes.grid} aria-label="Drivers">
        {drivers.map(({ id, name, available, orders }) => (
          <li key={id} className={classes.driver}>
            <LiveSwitch
              id={id}
              value={available}
              label={name}
              name="Available"
              mutation={SetAvailableDocument}
            />
            <span className={classes.load}>{counted(orders, 'order')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
