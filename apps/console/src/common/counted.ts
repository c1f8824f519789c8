import { integerText } from '@threefactor/shared/ui'

/** Count with its noun: `1 row`, `2 rows`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${integerText(count)} ${count === 1 ? singular : plural}`
}
