import type { TableName } from '../../engine/sql'

/** Path of a part of the page of a table. */
export function tablePath({ schema, name }: TableName, tab?: string): string {
  const path = `/data/${encodeURIComponent(schema)}/${encodeURIComponent(name)}`
  return tab === undefined || tab === 'rows' ? path : `${path}/${tab}`
}
