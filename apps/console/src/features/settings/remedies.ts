/** Inconsistent object of the metadata. */
export interface InconsistentObject {
  name?: string
  type: string
  reason: string
}

const REMEDIES: [type: RegExp, remedy: string][] = [
  [/^table$/, 'Create the table or correct it with SQL, then reload the metadata; or untrack it.'],
  [/_relation$/, 'Restore the column, foreign key or table that it joins, or give it another name.'],
  [
    /^inherited role permission/,
    'Give the inherited role a permission of its own: those of its parents differ too much.',
  ],
  [/permission/, 'Correct its columns and condition on the page of the table, or remove it.'],
  [/^event_trigger$/, 'Correct its columns and webhook on the page Events, or delete it.'],
  [/^cron_trigger$/, 'Correct its schedule and webhook on the page Events, or delete it.'],
  [
    /^computed_field$/,
    'Restore its function or correct it with SQL, then reload the metadata; or remove the field.',
  ],
  [/^function$/, 'Restore the function or correct it with SQL, then reload the metadata; or untrack it.'],
  [/^source$/, 'Correct the names of the API below, or the settings of the source in the metadata.'],
  [/endpoint$/, 'Correct the stored query or the path on the page REST endpoints, or delete the endpoint.'],
  [/collection|allowlist/, 'Correct the query in its collection below, or remove it.'],
  [
    /^(remote_|action|custom_types|native_|logical_)/,
    'This engine does not support it: remove it from the metadata.',
  ],
]

/** What makes an object consistent again. */
export function remedyOf({ type, reason }: InconsistentObject): string {
  if (/environment variable/i.test(reason))
    return 'Set the variable in the environment of the engine, and restart it.'
  const remedy = REMEDIES.find(([pattern]) => pattern.test(type))?.[1]
  return remedy ?? 'Restore what the reason names, then reload the metadata; or remove the object.'
}
