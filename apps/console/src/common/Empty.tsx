import table from './table.module.css'

/** In place of a list within a panel that has no entries. */
export function Empty({ title }: { title: string }) {
  return <p className={table.empty}>{title}</p>
}
