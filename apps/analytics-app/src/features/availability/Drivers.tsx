import { Button, SegmentedControl, TextInput } from '@mantine/core'
import {
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  counted,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Bike, Search } from 'lucide-react'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { DriversDocument, SetAvailableDocument, SetManyAvailableDocument } from '../../gql/graphql'
import { matchingDrivers, type DriverFilter } from './drivers'
import classes from './Drivers.module.css'
import { LiveSwitch } from './LiveSwitch'
import { UndoNotice } from './UndoNotice'

/** Change of several drivers. */
interface Bulk {
  ids: number[]
  value: boolean
}

/** Drivers with their availability and number of active deliveries. */
export function Drivers() {
  const { data, loading, error, retry } = useLive(DriversDocument, {})
  const many = useAction(SetManyAvailableDocument, 'Nothing to do')
  const [filter, setFilter] = useState<DriverFilter>('all')
  const [search, setSearch] = useState('')
  const [asked, setAsked] = useState<Bulk>()
  const [changed, setChanged] = useState<Bulk>()
  const drivers = nonNullRows(useThrottled(data, 100)?.driver_loads, 'id', 'name', 'available', 'orders')
  const available = drivers.filter((driver) => driver.available).length
  const shown = matchingDrivers(drivers, filter, search)
  const ask = (value: boolean) =>
    setAsked({ value, ids: drivers.filter((driver) => driver.available !== value).map(({ id }) => id) })
  const run = async (bulk: Bulk) => {
    setChanged(undefined)
    if ((await many.run(bulk)) === 'changed') setChanged(bulk)
  }
  const undo = ({ ids, value }: Bulk) => {
    setChanged(undefined)
    void many.run({ ids, value: !value })
  }
  return (
    <Panel
      title={data ? `Drivers: ${available} of ${drivers.length} available` : 'Drivers'}
      aside={
        <div className={classes.all}>
          <Button
            variant="default"
            disabled={many.busy || available === drivers.length}
            onClick={() => ask(true)}
          >
            All available
          </Button>
          <Button variant="default" disabled={many.busy || available === 0} onClick={() => ask(false)}>
            None available
          </Button>
        </div>
      }
    >
      {asked && (
        <ConfirmDialog
          title={`${question(asked)}?`}
          confirm={question(asked)}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void run(asked)}
        >
          <p className={classes.hint}>
            {asked.value
              ? 'They get new orders again.'
              : 'Orders that are not picked up are taken from them; new orders wait until a driver is available.'}
          </p>
        </ConfirmDialog>
      )}
      {changed && (
        <UndoNotice
          text={`${counted(changed.ids.length, 'driver')} ${changed.value ? 'available' : 'unavailable'}.`}
          onUndo={() => undo(changed)}
          onEnd={() => setChanged(undefined)}
        />
      )}
      {many.problem !== undefined && (
        <p className={classes.problem} role="alert">
          {many.problem}
        </p>
      )}
      {loading && <LoadingState rows={6} label="Loading the drivers" />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && drivers.length === 0 && <EmptyState icon={<Bike size={26} />} title="No drivers" />}
      {drivers.length > 0 && (
        <div className={classes.filters}>
          <TextInput
            type="search"
            aria-label="Search drivers"
            placeholder="Name"
            leftSection={<Search size={17} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <SegmentedControl
            aria-label="Availability"
            value={filter}
            onChange={(value) => setFilter(value)}
            data={[
              { value: 'all', label: 'All' },
              { value: 'available', label: 'Available' },
              { value: 'unavailable', label: 'Unavailable' },
            ]}
          />
        </div>
      )}
      {drivers.length > 0 && shown.length === 0 && <EmptyState title="No drivers match" />}
      <ul className={classes.grid} aria-label="Drivers">
        {shown.map(({ id, name, available, orders }) => (
          <li key={id} className={classes.driver}>
            <LiveSwitch
              target={{ id }}
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

function question({ ids, value }: Bulk): string {
  return `Make ${counted(ids.length, 'driver')} ${value ? 'available' : 'unavailable'}`
}
