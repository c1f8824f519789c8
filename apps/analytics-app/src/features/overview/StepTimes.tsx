import { Table } from '@mantine/core'
import { ErrorState, LoadingState, Panel, duration, explain, useLive } from '@threefactor/shared'

import { stepName } from '../../common/steps'
import { usePaced } from '../../common/usePaced'
import { whole } from '../../common/whole'
import { StepTimesDocument } from '../../gql/graphql'
import classes from './StepTimes.module.css'

/** Steps that a person does: their times say nothing of the machine. */
const BY_PEOPLE = new Set(['payment', 'pick-up', 'delivery'])

/** How long each step took. */
export function StepTimes() {
  const { data, loading, error, retry } = useLive(StepTimesDocument, {})
  const steps = whole(usePaced(data, 250)?.step_times, 'step', 'orders')
  return (
    <Panel title="Time per step" aside={<span className={classes.aside}>the newest 1000 orders</span>}>
      {loading && <LoadingState rows={6} label="Loading the times" />}
      {error && !data && <ErrorState message={explain(error)} onRetry={retry} />}
      {steps.length > 0 && (
        <Table className={classes.table} horizontalSpacing={0}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Step</Table.Th>
              <Table.Th className={classes.figure}>p50</Table.Th>
              <Table.Th className={classes.figure}>p99</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {steps.map(({ step, p50_ms, p99_ms }) => (
              <Table.Tr key={step}>
                <Table.Th scope="row" className={classes.step}>
                  {stepName(step)}
                  {BY_PEOPLE.has(step) && <span className={classes.person}>a person’s step</span>}
                </Table.Th>
                <Table.Td className={classes.figure}>{time(p50_ms)}</Table.Td>
                <Table.Td className={classes.figure}>{time(p99_ms)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  )
}

function time(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}
