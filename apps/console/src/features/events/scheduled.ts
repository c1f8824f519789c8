import { parseJson } from '../../common/json'
import { headersOf, headersProblem, type HeaderField } from './headerFields'

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

/** Content of the forms of cron triggers and one-off events. */
export interface ScheduledContent {
  webhook: string
  /** JSON */
  payload: string
  retries: string
  headers: HeaderField[]
}

export const NEW_CONTENT: ScheduledContent = { webhook: '', payload: '{}', retries: '0', headers: [] }

/** Problem of the content; undefined if it can be sent. An empty webhook is not one: it has not been entered yet. */
export function scheduledProblem({ retries, headers }: ScheduledContent): string | undefined {
  return /^\d{1,6}$/.test(retries) ? headersProblem(headers) : 'Enter a whole number.'
}

/** Whether the content can be sent. */
export function isComplete(content: ScheduledContent): boolean {
  return (
    content.webhook.trim() !== '' &&
    parseJson(content.payload).error === undefined &&
    scheduledProblem(content) === undefined
  )
}

/** Returns the arguments that `create_cron_trigger` and `create_scheduled_event` share. */
export function contentArgs({ webhook, payload, retries, headers }: ScheduledContent) {
  return {
    webhook: webhook.trim(),
    payload: parseJson(payload).value,
    headers: headersOf(headers),
    retry_conf: { num_retries: Number(retries) },
  }
}
