import { plural } from '@threefactor/shared'

/** Texts of the chart of orders by stage. */
export const timeline = {
  title: 'Orders by stage',
  view: 'Show as',
  chart: 'Chart',
  table: 'Table',
  loading: 'Loading the chart',
  from: 'From',
  spans: {
    '15m': 'last ten minutes',
    '1h': 'last hour',
    today: 'last 24 hours',
    '7d': 'last seven days',
  },
  none: (span: string) => `No orders in the ${span}`,
  totalOf: (span: string) => `Total of the ${span}`,
  barFrom: (length: string, time: string) => `${length} from ${time}`,
  hours: plural({ one: '# hour', other: '# hours' }),
  minutes: plural({ one: '# minute', other: '# minutes' }),
  seconds: plural({ one: '# second', other: '# seconds' }),
  tableOf: (span: string) => `Orders by stage, ${span}`,
  withoutOrders: (span: string) => `Orders by stage over the ${span}. No orders.`,
  withPeak: (span: string, count: string, stage: string, time: string) =>
    `Orders by stage over the ${span}. Highest count: ${count} ${stage.toLowerCase()} at ${time}.`,
}
