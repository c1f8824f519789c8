import type { AnyStatus } from '@threefactor/shared'

import type { Order_Summaries_Bool_Exp } from '../../gql/graphql'

/** Returns the condition for orders with the status whose number, customer or address contains the text. */
export function conditionOf(search: string, status: AnyStatus | undefined): Order_Summaries_Bool_Exp {
  const text = search.trim().replace(/^#/, '')
  // The characters of the text are compared literally.
  const escaped = text.replace(/[\\%_]/g, '\\$&')
  return {
    ...(status && { status: { _eq: status } }),
    ...(text !== '' && {
      _or: [
        { order_id: { _ilike: `${escaped}%` } },
        { user_id: { _ilike: `%${escaped}%` } },
        { address: { _ilike: `%${escaped}%` } },
      ],
    }),
  }
}

/** Returns rows as CSV with a header. A cell that a spreadsheet would run as a formula begins with an apostrophe. */
export function csv(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cell = (value: string | number | null) => {
    const text = String(value ?? '')
    const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
