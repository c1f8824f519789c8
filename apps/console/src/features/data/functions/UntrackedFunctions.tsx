import { Button } from '@mantine/core'

import { ActionsCell } from '../../../common/ActionsCell'
import { counted } from '../../../common/counted'
import { ListPanel } from '../../../common/ListPanel'
import table from '../../../common/table.module.css'
import { useAction } from '../../../engine/context'
import { signatureOf, type DatabaseFunction } from '../../../engine/functions'
import { displayName } from '../../../engine/sql'
import type { Exposure } from './trackedFunction'

/** Number of functions that are listed. */
const MAX_LISTED = 200

/** Functions that can be tracked: they return rows of a table, and no other function has their name. */
export function UntrackedFunctions({ functions }: { functions: DatabaseFunction[] }) {
  const trackable = functions.filter(({ table, isOverloaded }) => table !== null && !isOverloaded)
  const others = functions.length - trackable.length
  const track = useAction((engine, [{ schema, name }, exposed_as]: [DatabaseFunction, Exposure?]) =>
    engine.metadata('pg_track_function', {
      function: { schema, name },
      ...(exposed_as && { configuration: { exposed_as } }),
    }),
  )
  return (
    <ListPanel
      title="Functions that are not tracked"
      error={track.error}
      failure="Could not track the function"
      columns={['Function', 'Volatility']}
      empty="No other function can be tracked"
      after={
        <>
          {trackable.length > MAX_LISTED && (
            <p className={table.hint}>{trackable.length - MAX_LISTED} more are not listed.</p>
          )}
          {others > 0 && (
            <p className={table.hint}>
              {counted(others, 'other function')} cannot be tracked: the result is not rows of a table, or the
              name is overloaded. A function of a row can be a computed field of its table.
            </p>
          )}
        </>
      }
    >
      {trackable.slice(0, MAX_LISTED).map((known) => (
        <tr key={displayName(known)}>
          <td>
            {displayName(known)} <span className={table.code}>{signatureOf(known)}</span>
          </td>
          <td>{known.volatility}</td>
          <ActionsCell>
            {(known.volatility === 'VOLATILE' ? (['mutation', 'query'] as const) : [undefined]).map(
              (exposure) => (
                <Button
                  key={exposure ?? ''}
                  variant="default"
                  disabled={track.isPending}
                  aria-label={`Track ${displayName(known)}${exposure ? ` as a ${exposure}` : ''}`}
                  onClick={() => track.mutate([known, exposure])}
                >
                  {exposure ? `Track as a ${exposure}` : 'Track'}
                </Button>
              ),
            )}
          </ActionsCell>
        </tr>
      ))}
    </ListPanel>
  )
}
