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

/** A column, or relationships and then a column. */
export type Path = readonly string[]

/** Comparison of a column with a value. */
export interface Condition {
  path: Path
  operator: string
  /** JSON text of the value, or a plain text. */
  value: string
}

/** Conditions that the builder can show: all of them, or one of them, must be met. */
export interface Conditions {
  mode: '_and' | '_or'
  list: Condition[]
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

/** Key of a path in lists. */
export function pathKey(path: Path): string {
  return JSON.stringify(path)
}

/**
 * Reads a condition that consists of comparisons, all or one of which must be met; undefined if it is another one.
 *
 * @param paths the columns that can be compared
 */
export function conditionsOf(filter: unknown, paths: Path[]): Conditions | undefined {
  const keys = new Set(paths.map(pathKey))
  const { _or: alternatives, ...others } = asObject(filter) ?? {}
  if (Array.isArray(alternatives) && Object.keys(others).length === 0) {
    const list = alternatives.map((part) => comparisonsOf(part, [], keys))
    const single = list.flatMap((parts) => (parts?.length === 1 ? parts : []))
    return single.length === list.length ? { mode: '_or', list: single } : undefined
  }
  const list = comparisonsOf(filter, [], keys)
  return list && { mode: '_and', list }
}

/** Reads comparisons all of which must be met, within the relationships of a path. */
function comparisonsOf(filter: unknown, within: Path, keys: Set<string>): Condition[] | undefined {
  const object = asObject(filter)
  if (!object) return undefined
  const found: Condition[] = []
  for (const [key, value] of Object.entries(object)) {
    const path = [...within, key]
    const inner =
      key === '_and' && within.length === 0 && Array.isArray(value)
        ? all(value.map((part) => comparisonsOf(part, within, keys)))
        : keys.has(pathKey(path))
          ? operatorsOf(value, path)
          : isPrefix(path, keys)
            ? single(comparisonsOf(value, path, keys))
            : undefined
    if (!inner) return undefined
    found.push(...inner)
  }
  return found
}

function operatorsOf(value: unknown, path: Path): Condition[] | undefined {
  const object = asObject(value)
  if (!object || Object.keys(object).some((operator) => !OPERATORS.includes(operator))) return undefined
  return Object.entries(object).map(([operator, operand]) => ({ path, operator, value: textOf(operand) }))
}

/** Two comparisons within one relationship are met by one row; apart from each other, different rows may meet them. */
function single(list: Condition[] | undefined): Condition[] | undefined {
  return list?.length === 1 ? list : undefined
}

function all(lists: (Condition[] | undefined)[]): Condition[] | undefined {
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? [])
}

function isPrefix(path: Path, keys: Set<string>): boolean {
  const beginning = `${pathKey(path).slice(0, -1)},`
  return [...keys].some((key) => key.startsWith(beginning))
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

/** Returns the condition of the builder as Hasura stores it. */
export function filterFrom({ mode, list }: Conditions): Record<string, unknown> {
  const parts = list.map(({ path, operator, value }) =>
    path.reduceRight<Record<string, unknown>>((inner, name) => ({ [name]: inner }), {
      [operator]: operand(operator, value),
    }),
  )
  if (parts.length === 0) return {}
  // One alternative is kept as such: the form would otherwise change its mode back.
  return parts.length === 1 && mode === '_and' ? (parts[0] ?? {}) : { [mode]: parts }
}

function operand(operator: string, text: string): unknown {
  const isVariable = /^x-hasura-/i.test(text)
  if (isVariable) return text
  if (operator === '_is_null') return text !== 'false'
  try {
    const value = JSON.parse(text) as unknown
    if (operator === '_in' || operator === '_nin') return Array.isArray(value) ? value : [value]
    return valueOf(text)
  } catch {
    if (operator === '_in' || operator === '_nin') return text.split(',').map((part) => part.trim())
    return text
  }
}

/** Value of a text of a form: a JSON number, boolean or string, or else the text itself. */
export function valueOf(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown
    // A number may be larger than those of JavaScript; Postgres reads it from its text.
    if (typeof value === 'number' && String(value) !== text.trim()) return text
    return typeof value === 'object' ? text : value
  } catch {
    return text
  }
}

/** Text of a value for a form: a string as it is, unless its text stands for another value. */
export function textOf(value: unknown): string {
  return typeof value === 'string' && valueOf(value) === value ? value : JSON.stringify(value)
}
