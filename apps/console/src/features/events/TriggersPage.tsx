import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { PageTitle, Panel, duration, integerText } from '@threefactor/shared/ui'
import { Link } from 'wouter'

import { Empty } from '../../common/Empty'
import { Failure } from '../../common/Failure'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import { displayName, literal } from '../../engine/sql'
import { NoTrigger } from './NoTrigger'
import { BACKLOG, operationsOf, triggerPath, useTriggers, type Backlog } from './triggers'

/** Event triggers with what waits and what failed. */
export function TriggersPage() {
  const engine = useEngine()
  const triggers = useTriggers()
  const names = triggers?.map(({ name }) => name)
  const backlog = useQuery({
    queryKey: ['backlog', names ?? null],
    enabled: names !== undefined && names.length > 0,
    queryFn: () =>
      engine.json<Backlog[]>(
        BACKLOG.replace('$NAMES', () => `ARRAY[${(names ?? []).map(literal).join(', ')}]::text[]`),
      ),
    refetchInterval: 3000,
  })
  const of = (name: string) => backlog.data?.find((other) => other.name === name)
  return (
    <>
      <PageTitle
        title="Event triggers"
        subtitle="Each change of a row that a trigger watches is delivered to its webhook."
      >
        <Button component={Link} href="/events/new">
          New event trigger
        </Button>
      </PageTitle>
      <Panel title="Triggers">
        <Failure error={backlog.error} title="Could not read the backlog" />
        {triggers === undefined && <NoTrigger label="Loading the triggers" />}
        {triggers?.length === 0 && <Empty title="No event triggers yet" />}
        {triggers !== undefined && triggers.length > 0 && (
          <Table
            label="Event triggers"
            columns={[
              'Name',
              'Table',
              'On',
              { name: 'Pending', kind: 'number' },
              { name: 'Oldest', kind: 'number' },
              { name: 'Failed', kind: 'number' },
            ]}
          >
            {triggers.map((trigger) => {
              const counts = of(trigger.name)
              return (
                <tr key={trigger.name}>
                  <td>
                    <Link href={triggerPath(trigger.name)}>{trigger.name}</Link>
                    {trigger.paused === true && <p className={table.hint}>paused</p>}
                  </td>
                  <td>{displayName(trigger.table)}</td>
                  <td>{operationsOf(trigger)}</td>
                  <td className={table.number}>{counts && countText(counts.pending, counts.isCut)}</td>
                  <td className={table.number}>
                    {counts && (counts.oldest === null ? '–' : duration(counts.oldest * 1000))}
                  </td>
                  <td className={table.number}>
                    {counts && (
                      <span {...(counts.failed > 0 && { className: table.bad })}>
                        {countText(counts.failed, counts.isCut)}
                      </span>
                    )}
                  </td>
                </tr>
              )
            })}
          </Table>
        )}
      </Panel>
    </>
  )
}

function countText(count: number, isCut: boolean): string {
  return isCut ? `at least ${integerText(count)}` : integerText(count)
}
