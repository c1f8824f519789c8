import { displayName, type TableName } from '../../engine/sql'
import { headerFieldsOf, headersOf, headersProblem, type HeaderField } from './headerFields'
import type { Trigger } from './triggers'

/** Content of the form of an event trigger. */
export interface TriggerFields {
  name: string
  /** Name of the table as displayed. */
  table: string
  insert: boolean
  update: boolean
  delete: boolean
  manual: boolean
  /** Columns whose update is an event; empty for all. */
  columns: string[]
  webhook: string
  webhookFromEnvironment: boolean
  retries: string
  interval: string
  timeout: string
  headers: HeaderField[]
}

export function emptyFields(): TriggerFields {
  return {
    name: '',
    table: '',
    insert: true,
    update: false,
    delete: false,
    manual: true,
    columns: [],
    webhook: '',
    webhookFromEnvironment: false,
    retries: '0',
    interval: '10',
    timeout: '60',
    headers: [],
  }
}

export function fieldsOf(trigger: Trigger): TriggerFields {
  const { definition, retry_conf: retry } = trigger
  const columns = definition.update?.columns
  return {
    name: trigger.name,
    table: displayName(trigger.table),
    insert: definition.insert !== undefined,
    update: definition.update !== undefined,
    delete: definition.delete !== undefined,
    manual: definition.enable_manual ?? false,
    columns: Array.isArray(columns) ? columns : [],
    webhook: trigger.webhook ?? trigger.webhook_from_env ?? '',
    webhookFromEnvironment: trigger.webhook === undefined,
    retries: String(retry?.num_retries ?? 0),
    interval: String(retry?.interval_sec ?? 10),
    timeout: String(retry?.timeout_sec ?? 60),
    headers: headerFieldsOf(trigger.headers ?? []),
  }
}

/** Problem of a field, by its name; empty if the form can be sent. */
export function problemsOf(fields: TriggerFields): Partial<Record<keyof TriggerFields, string>> {
  const problems: Partial<Record<keyof TriggerFields, string>> = {}
  if (!/^[A-Za-z][\w-]{0,41}$/.test(fields.name))
    problems.name =
      'Enter a name that begins with a letter: at most 42 letters, digits, hyphens and underscores.'
  if (fields.table === '') problems.table = 'Choose a table.'
  if (!fields.insert && !fields.update && !fields.delete && !fields.manual)
    problems.insert = 'Choose at least one operation.'
  if (fields.webhook.trim() === '')
    problems.webhook = fields.webhookFromEnvironment ? 'Enter the name of a variable.' : 'Enter an address.'
  for (const key of ['retries', 'interval', 'timeout'] as const)
    if (!/^\d{1,6}$/.test(fields[key])) problems[key] = 'Enter a whole number.'
  const headers = headersProblem(fields.headers)
  if (headers !== undefined) problems.headers = headers
  return problems
}

/**
 * Returns the arguments of `create_event_trigger`.
 *
 * @param previous the trigger that is replaced; what the form does not show is kept
 */
export function argsOf(fields: TriggerFields, table: TableName, previous: Trigger | undefined) {
  const all = { columns: '*' as const }
  const updated = previous?.definition.update
  return {
    name: fields.name,
    table: { schema: table.schema, name: table.name },
    insert: fields.insert ? (previous?.definition.insert ?? all) : null,
    update: fields.update
      ? {
          columns: fields.columns.length > 0 ? fields.columns : ('*' as const),
          ...(updated?.payload !== undefined && { payload: updated.payload }),
        }
      : null,
    delete: fields.delete ? (previous?.definition.delete ?? all) : null,
    enable_manual: fields.manual,
    webhook: fields.webhookFromEnvironment ? null : fields.webhook.trim(),
    webhook_from_env: fields.webhookFromEnvironment ? fields.webhook.trim() : null,
    retry_conf: {
      ...previous?.retry_conf,
      num_retries: Number(fields.retries),
      interval_sec: Number(fields.interval),
      timeout_sec: Number(fields.timeout),
    },
    headers: headersOf(fields.headers),
    ...(previous?.paused === true && { paused: true }),
    ...(previous?.cleanup_config && { cleanup_config: previous.cleanup_config }),
    ...(previous?.request_transform !== undefined && { request_transform: previous.request_transform }),
    ...(previous?.response_transform !== undefined && { response_transform: previous.response_transform }),
    replace: previous !== undefined,
  }
}
