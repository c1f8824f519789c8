import { parseJson, prettyJson } from '../../common/json'
import { omit } from '../../common/omit'
import type { CronTrigger, WebhookConf } from '../../engine/metadata'
import { headerFieldsOf, headersOf, headersProblem, type HeaderField } from './headerFields'

/** Scheduled event as `get_scheduled_events` returns it. */
export interface ScheduledEvent {
  id: string
  scheduled_time: string
  status: 'scheduled' | 'locked' | 'delivered' | 'error' | 'dead'
  tries: number
  comment?: string | null
  payload?: unknown
  webhook_conf?: WebhookConf
}

/** Words for the states of scheduled events. */
export const STATUS_TEXTS: Record<ScheduledEvent['status'], string> = {
  scheduled: 'scheduled',
  locked: 'in delivery',
  delivered: 'delivered',
  error: 'failed',
  dead: 'too late: not delivered',
}

/** Numbers of the retries, with their keys in `retry_conf` and their labels. */
export const RETRY_FIELDS = [
  { field: 'retries', key: 'num_retries', label: 'Retries' },
  { field: 'interval', key: 'retry_interval_seconds', label: 'Interval of retries in seconds' },
  { field: 'timeout', key: 'timeout_seconds', label: 'Time limit in seconds' },
  { field: 'tolerance', key: 'tolerance_seconds', label: 'Delivered at most … seconds late' },
] as const

/** Content of the forms of cron triggers and one-off events. */
export interface ScheduledContent {
  webhook: string
  webhookFromEnvironment: boolean
  /** JSON */
  payload: string
  retries: string
  interval: string
  timeout: string
  tolerance: string
  headers: HeaderField[]
}

export const NEW_CONTENT: ScheduledContent = {
  webhook: '',
  webhookFromEnvironment: false,
  payload: '{}',
  retries: '0',
  interval: '10',
  timeout: '60',
  tolerance: '21600',
  headers: [],
}

/** Content of the form of a cron trigger. */
export interface CronFields extends ScheduledContent {
  name: string
  schedule: string
  timezone: string
  comment: string
}

export const NEW_CRON: CronFields = { ...NEW_CONTENT, name: '', schedule: '', timezone: '', comment: '' }

/** Address of a webhook, for display. */
export function webhookText(webhook: WebhookConf): string {
  return typeof webhook === 'string' ? webhook : `from the variable ${webhook.from_env}`
}

/** Problem of a number of a form; undefined if it can be sent. */
export function numberProblem(text: string): string | undefined {
  return /^\d{1,6}$/.test(text) ? undefined : 'Enter a whole number.'
}

/** Whether the content can be sent. */
export function isComplete(content: ScheduledContent): boolean {
  return (
    content.webhook.trim() !== '' &&
    parseJson(content.payload).error === undefined &&
    RETRY_FIELDS.every(({ field }) => numberProblem(content[field]) === undefined) &&
    headersProblem(content.headers) === undefined
  )
}

/** Returns the arguments that `create_cron_trigger` and `create_scheduled_event` share. */
export function contentArgs(content: ScheduledContent) {
  const { webhook, webhookFromEnvironment, payload, headers } = content
  return {
    webhook: webhookFromEnvironment ? { from_env: webhook.trim() } : webhook.trim(),
    payload: parseJson(payload).value,
    headers: headersOf(headers),
    retry_conf: Object.fromEntries(RETRY_FIELDS.map(({ field, key }) => [key, Number(content[field])])),
  }
}

/** A cron trigger as its form shows it. */
export function cronFieldsOf(trigger: CronTrigger): CronFields {
  const { webhook, retry_conf: retry = {} } = trigger
  const numbers = RETRY_FIELDS.map(
    ({ field, key }) => [field, String(retry[key] ?? NEW_CONTENT[field])] as const,
  )
  return {
    ...NEW_CRON,
    ...Object.fromEntries(numbers),
    name: trigger.name,
    schedule: trigger.schedule,
    timezone: trigger.timezone ?? '',
    comment: trigger.comment ?? '',
    webhook: typeof webhook === 'string' ? webhook : webhook.from_env,
    webhookFromEnvironment: typeof webhook !== 'string',
    payload: prettyJson(trigger.payload),
    headers: headerFieldsOf(trigger.headers ?? []),
  }
}

/**
 * Returns the arguments of `create_cron_trigger`.
 *
 * @param previous the trigger that is replaced; what the form does not show is kept
 */
export function cronArgs(fields: CronFields, previous?: CronTrigger) {
  return {
    ...(previous && omit(previous, 'comment', 'timezone')),
    name: fields.name.trim(),
    schedule: fields.schedule.trim(),
    ...contentArgs(fields),
    // An unchanged text also stands for a payload that is absent.
    ...(previous && fields.payload === prettyJson(previous.payload) && { payload: previous.payload }),
    include_in_metadata: previous?.include_in_metadata ?? true,
    ...(fields.comment.trim() !== '' && { comment: fields.comment.trim() }),
    ...(fields.timezone.trim() !== '' && { timezone: fields.timezone.trim() }),
    replace: previous !== undefined,
  }
}
