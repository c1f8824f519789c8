import { Button } from '@mantine/core'
import { EmptyState, ErrorState, LoadingState, Panel, explain, useLive } from '@threefactor/shared'
import { Bike } from 'lucide-react'

import { useAction } from '../../common/useAction'
import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import { DriversDocument, SetAllAvailableDocument, SetAvailableDocument } from '../../gql/graphql'
import classes from './Drivers.module.css'
import { LiveSwitch } from './LiveSwitch'

/** Each driver with the switch and the load. */
export function Drivers() {
  const { data, loading, error, retry } = useLive(DriversDocument, {})
  const all = useAction(SetAllAvailableDocument, 'They all are that already.')
  const drivers = whole(usePaced(data, 100)?.driver_loads, 'id', 'name', 'available', 'orders')
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
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {data && drivers.length === 0 && <EmptyState icon={<Bike size={26} />} title="There is no driver" />}
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
            <span className={classes.load}>{orders === 1 ? '1 order' : `${orders} orders`}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
