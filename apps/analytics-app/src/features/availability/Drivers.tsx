import { Button, SegmentedControl, TextInput } from '@mantine/core'
import {
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingState,
  Panel,
  Problem,
  integerText,
  staffMessage,
  useLive,
} from '@threefactor/shared'
import { Bike, Search } from 'lucide-react'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { DriversDocument, SetAvailableDocument, SetManyAvailableDocument } from '../../gql/graphql'
import { availability as texts } from '../../texts/availability'
import { common } from '../../texts/common'
import { DRIVER_FILTERS, matchingDrivers, type DriverFilter } from './drivers'
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
  const many = useAction(SetManyAvailableDocument, common.nothingToDo)
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
      title={
        data ? texts.driversAvailable(integerText(available), integerText(drivers.length)) : texts.drivers
      }
      aside={
        <div className={classes.all}>
          <Button
            variant="default"
            disabled={many.busy || available === drivers.length}
            onClick={() => ask(true)}
          >
            {texts.allAvailable}
          </Button>
          <Button variant="default" disabled={many.busy || available === 0} onClick={() => ask(false)}>
            {texts.noneAvailable}
          </Button>
        </div>
      }
    >
      {asked && (
        <ConfirmDialog
          title={texts.question(actionOf(asked))}
          confirm={actionOf(asked)}
          onClose={() => setAsked(undefined)}
          onConfirm={() => void run(asked)}
        >
          <p className={classes.hint}>{asked.value ? texts.getOrders : texts.loseOrders}</p>
        </ConfirmDialog>
      )}
      {changed && (
        <UndoNotice
          text={(changed.value ? texts.madeAvailable : texts.madeUnavailable)(changed.ids.length)}
          onUndo={() => undo(changed)}
          onEnd={() => setChanged(undefined)}
        />
      )}
      <Problem message={many.problem} />
      {loading && <LoadingState rows={6} label={texts.loadingDrivers} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && drivers.length === 0 && <EmptyState icon={<Bike size={26} />} title={texts.noDrivers} />}
      {drivers.length > 0 && (
        <div className={classes.filters}>
          <TextInput
            type="search"
            aria-label={texts.search}
            placeholder={texts.searchPlaceholder}
            leftSection={<Search size={17} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <SegmentedControl
            aria-label={texts.filter}
            value={filter}
            onChange={(value) => setFilter(value)}
            data={DRIVER_FILTERS.map((value) => ({ value, label: texts.filters[value] }))}
          />
        </div>
      )}
      {drivers.length > 0 && shown.length === 0 && <EmptyState title={texts.noMatch} />}
      <ul className={classes.grid} aria-label={texts.drivers}>
        {shown.map(({ id, name, available, orders }) => (
          <li key={id} className={classes.driver}>
            <LiveSwitch
              target={{ id }}
              value={available}
              label={name}
              name={common.available}
              mutation={SetAvailableDocument}
            />
            <span className={classes.load}>{common.orders(orders)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** Returns the name of the button that makes a change. */
function actionOf({ ids, value }: Bulk): string {
  return (value ? texts.makeAvailable : texts.makeUnavailable)(ids.length)
}
