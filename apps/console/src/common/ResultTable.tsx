import { Scroll } from './Scroll'
import table from './table.module.css'

/** Rows of a result, whose columns are not known before. */
export function ResultTable({
  label,
  columns,
  rows,
}: {
  /** Name of the region. */
  label: string
  columns: string[]
  rows: unknown[][]
}) {
  return (
    <Scroll label={label}>
      <table className={table.table}>
        <thead>
          <tr>
            {columns.map((name, index) => (
              // Names of a result can be equal.
              <th key={index} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((value, column) => (
                <td key={column} className={table.code}>
                  {value === null ? <span className={table.null}>null</span> : display(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function display(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
