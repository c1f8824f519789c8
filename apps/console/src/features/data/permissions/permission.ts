import type { Operation } from '../../../engine/metadata'

/** Key of the condition that rows have to meet. */
export function filterKey(operation: Operation): 'filter' | 'check' {
  return operation === 'insert' ? 'check' : 'filter'
}

/** Condition of a permission on rows. */
export function filterOf(operation: Operation, permission: Record<string, unknown>): unknown {
  return permission[filterKey(operation)] ?? {}
}

/** Whether a condition is met by every row. */
export function isUnrestricted(filter: unknown): boolean {
  return typeof filter === 'object' && filter !== null && Object.keys(filter).length === 0
}

/** Condition that the builder can show: a column is compared with a value. */
export interface Condition {
  column: string
  operator: string
  /** JSON text of the value, or a plain text. */
  value: string
}

/** Operators of the builder. The value of `_is_null` is true or false; that of `_in` and `_nin` a list. */
export const OPERATORS = [
  '_eq',
  '_neq',
  '_gt',
  '_gte',
  '_lt',
  '_lte',
  '_in',
  '_nin',
  '_like',
  '_ilike',
  '_is_null',
]

/** Reads a condition that consists of comparisons of columns, all of which must be met; undefined if it is another one. */
export function conditionsOf(filter: unknown, columns: string[]): Condition[] | undefined {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return undefined
  const conditions: Condition[] = []
  for (const [key, value] of Object.entries(filter)) {
    if (key === '_and' && Array.isArray(value)) {
      for (const part of value) {
        const inner = conditionsOf(part, columns)
        if (!inner) return undefined
        conditions.push(...inner)
      }
      continue
    }
    if (!columns.includes(key) || typeof value !== 'object' || value === null) return undefined
    for (const [operator, operand] of Object.entries(value as Record<string, unknown>)) {
      if (!OPERATORS.includes(operator)) return undefined
      conditions.push({
        column: key,
        operator,
        value: typeof operand === 'string' ? operand : JSON.stringify(operand),
      })
    }
  }
  return conditions
}

/** Returns the condition of the builder as Hasura stores it. */
export function filterFrom(conditions: Condition[]): Record<string, unknown> {
  const parts = conditions.map(({ column, operator, value }) => ({
    [column]: { [operator]: operand(operator, value) },
  }))
  if (parts.length <= 1) return parts[0] ?? {}
  return { _and: parts }
}

function operand(operator: string, text: string): unknown {
  const isVariable = /^x-hasura-/i.test(text)
  if (isVariable) return text
  if (operator === '_is_null') return text !== 'false'
  try {
    const value = JSON.parse(text) as unknown
    if (operator === '_in' || operator === '_nin') return Array.isArray(value) ? value : [value]
    // A number may be larger than those of JavaScript; Postgres reads it from its text.
    if (typeof value === 'number' && String(value) !== text.trim()) return text
    return typeof value === 'object' ? text : value
  } catch {
    if (operator === '_in' || operator === '_nin') return text.split(',').map((part) => part.trim())
    return text
  }
}
