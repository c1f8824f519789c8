/** Scheduled event as `get_scheduled_events` returns it. */
export interface ScheduledEvent {
  id: string
  scheduled_time: string
  status: 'scheduled' | 'locked' | 'delivered' | 'error' | 'dead'
  tries: number
  comment?: string | null
  payload?: unknown
  webhook_conf?: string
}

/** Words for the states of scheduled events. */
export const STATUS_TEXTS: Record<ScheduledEvent['status'], string> = {
  scheduled: 'scheduled',
  locked: 'in delivery',
  delivered: 'delivered',
  error: 'failed',
  dead: 'too late: not delivered',
}
