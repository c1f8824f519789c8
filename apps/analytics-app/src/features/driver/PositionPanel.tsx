import { Button, Switch } from '@mantine/core'
import { Panel, Problem, clockTime, useConfig, useLive } from '@threefactor/shared'
import { CityMap, WHOLE_CITY, type Point } from '@threefactor/shared/map'
import { House, Store } from 'lucide-react'
import { useState } from 'react'

import { useAction } from '../../common/useAction'
import {
  DriverPositionDocument,
  DriverToDeliverDocument,
  DriverToPickUpDocument,
  SetPositionDocument,
} from '../../gql/graphql'
import { driver as texts } from '../../texts/driver'
import classes from './PositionPanel.module.css'
import { stopsOf } from './stops'

/** Stops that the map shows. */
const MAX_STOPS = 10

/**
 * Position of a driver on the map of the city, which its customers see. The map is schematic, so the position is not that of
 * the phone: the driver sets it on the map, or by the stop that it has reached.
 */
export function PositionPanel({ driver }: { driver: number }) {
  const [shares, setShares] = useState(false)
  return (
    <Panel title={texts.position}>
      <Switch
        label={texts.share}
        checked={shares}
        onChange={(event) => setShares(event.currentTarget.checked)}
      />
      <p className={classes.hint}>{shares ? texts.shared : texts.notShared}</p>
      {shares && <Position driver={driver} />}
    </Panel>
  )
}

function Position({ driver }: { driver: number }) {
  const { access } = useConfig()
  const variables = { driver, limit: MAX_STOPS }
  const toPickUp = useLive(DriverToPickUpDocument, variables).data?.work ?? []
  const toDeliver = useLive(DriverToDeliverDocument, variables).data?.work ?? []
  const stored = useLive(DriverPositionDocument, { driver }).data?.driver_positions_by_pk
  const { run, busy, problem } = useAction(SetPositionDocument, texts.notStored)
  const stops = stopsOf(toPickUp, toDeliver)
  const set = ({ x, y }: Point) => {
    // In open mode the backend does not know the driver; otherwise it is that of the token.
    if (!busy) void run({ position: { x, y, ...(access === 'open' && { driver_id: driver }) } })
  }
  return (
    <>
      <div className={classes.map}>
        <CityMap
          view={WHOLE_CITY}
          restaurants={stops.filter(({ kind }) => kind === 'restaurant')}
          homes={stops.filter(({ kind }) => kind === 'destination')}
          driver={stored ?? undefined}
          ways={stored ? stops.map((stop) => ({ from: stored, to: stop })) : []}
          label={(stored ? texts.mapWithPosition : texts.map)(stops.length)}
          // The buttons below do the same for the keyboard.
          onPoint={set}
        />
      </div>
      <div className={classes.stops} role="group" aria-label={texts.places}>
        {stops.map((stop) => (
          <Button
            key={stop.key}
            variant="default"
            leftSection={
              stop.kind === 'restaurant' ? <Store size={17} aria-hidden /> : <House size={17} aria-hidden />
            }
            onClick={() => set(stop)}
          >
            {texts.at(stop.name)}
          </Button>
        ))}
      </div>
      <p className={classes.hint} role="status">
        {stored && texts.updated(clockTime(stored.at))}
      </p>
      <Problem message={problem} />
    </>
  )
}
