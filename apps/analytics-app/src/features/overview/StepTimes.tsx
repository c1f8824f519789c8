import { Table } from '@mantine/core'
import { ErrorState, LoadingState, Panel, duration, staffMessage, useLive } from '@threefactor/shared'

import { stepName } from '../../common/steps'
import { useThrottled } from '../../common/useThrottled'
import { nonNullRows } from '../../common/nonNull'
import { StepTimesDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { overview as texts } from '../../texts/overview'
import classes from './StepTimes.module.css'

/** Manual steps; their times do not measure the system. */
const MANUAL_STEPS = new Set(['payment', 'pick-up', 'delivery'])

/** Duration of each step. */
export function StepTimes() {
  const { data, loading, error, retry } = useLive(StepTimesDocument, {})
  const steps = nonNullRows(useThrottled(data, 250)?.step_times, 'step', 'orders')
  return (
    <Panel
      title={texts.stepTimes}
      aside={<span className={classes.aside}>{texts.lastOrders(common.orders(1000))}</span>}
    >
      {loading && <LoadingState rows={6} label={texts.loadingTimes} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {steps.length > 0 && (
        <div
          className={classes.scroll}
          role="region"
          aria-label={common.asTable(texts.stepTimes)}
          tabIndex={0}
        >
          <Table className={classes.table} horizontalSpacing={0}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{texts.step}</Table.Th>
                <Table.Th className={classes.figure}>{texts.median}</Table.Th>
                <Table.Th className={classes.figure}>{texts.percentile}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {steps.map(({ step, p50_ms, p99_ms }) => (
                <Table.Tr key={step}>
                  <Table.Th scope="row" className={classes.step}>
                    {stepName(step)}
                    {MANUAL_STEPS.has(step) && <span className={classes.manual}>{texts.manual}</span>}
                  </Table.Th>
                  <Table.Td className={classes.figure}>{time(p50_ms)}</Table.Td>
                  <Table.Td className={classes.figure}>{time(p99_ms)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Panel>
  )
}

function time(ms: number | null): string {
  return ms === null ? common.noValue : duration(ms)
}
