import { plural } from '@threefactor/shared'

/** Texts of the events that were given up. */
export const failures = {
  title: 'Failed events',
  failed: plural({ one: '# event has failed', other: '# events have failed' }),
  toList: 'Show the failed events',
  loading: 'Loading the failed events',
  none: 'None. An event without attempts left appears here.',
  ofOrder: ' of ',
  attempts: plural({ one: '# attempt', other: '# attempts' }),
  lastAttempt: (attempts: string, time: string) => ` · ${attempts}, the last at ${time}`,
  redeliver: 'Redeliver',
  redeliverEvent: (id: string) => `Redeliver event ${id}`,
  redeliverFirst: (count: string) => `Redeliver the first ${count}`,
  redeliverAll: (count: string) => `Redeliver all ${count}`,
  redeliverEvents: plural({ one: 'Redeliver # event', other: 'Redeliver # events' }),
  question: (action: string) => `${action}?`,
  consequence:
    'Their functions are called again, with new attempts. A step that has happened does not happen twice.',
  redelivered: 'This event has been redelivered in the meantime',
  allRedelivered: 'These events have been redelivered in the meantime',

  // Events that wait for another attempt.
  pending: 'Events that are delivered again',
  nextAttempt: (time: string) => `, the next at ${time}`,
  oldest: (count: string) => `Showing the ${count} oldest events.`,
  cancel: 'Cancel',
  cancelEvent: (id: string) => `Cancel event ${id}`,
  cancelQuestion: 'Cancel this event?',
  cancelConfirm: 'Cancel the event',
  keep: 'Keep the event',
  cancelConsequence:
    'Its function is not called for it again. The order stays as it is until a deadline closes it; a refund is not made.',
  notCancelled: 'This event has been delivered in the meantime, or is being delivered',

  // Reason of the last failure.
  noLog: 'The log of its calls has been deleted.',
  noResponse: 'No response',
  status: (status: number) => `Status ${status}`,
  withMessage: (text: string, message: string) => `${text}: ${message}`,
}
