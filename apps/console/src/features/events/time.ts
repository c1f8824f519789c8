import { clockTime } from '@threefactor/shared/ui'

/** Time of the event log, which has no zone: it is UTC. */
export function utcTime(text: string): string {
  return clockTime(/[Zz]|[+-]\d\d(:?\d\d)?$/.test(text) ? text : `${text}Z`)
}
