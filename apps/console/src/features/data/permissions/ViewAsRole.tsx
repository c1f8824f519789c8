import { Button, NativeSelect } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { counted } from '../../../common/counted'
import { Empty } from '../../../common/Empty'
import { Failure } from '../../../common/Failure'
import { ResultTable } from '../../../common/ResultTable'
import table from '../../../common/table.module.css'
import { useEngine } from '../../../engine/context'
import type { TableName } from '../../../engine/sql'
import { SessionVariables } from '../../api/SessionVariables'
import { parseVariables } from '../../api/variables'

/** Number of rows that are shown. */
const MAX_ROWS = 50

/** Shows the rows and columns that a role sees with its session variables. */
export function ViewAsRole({ table: of, roles }: { table: TableName; roles: string[] }) {
  const engine = useEngine()
  const [chosen, setRole] = useState<string>()
  // Roles can be added while the page is open.
  const role = chosen ?? roles[0] ?? ''
  const [text, setText] = useState('')
  const [rows, setRows] = useState<Record<string, unknown>[]>()
  const [error, setError] = useState<unknown>()
  const [loading, setLoading] = useState(false)
  const { variables, error: invalid } = parseVariables(text)
  const run = async () => {
    setLoading(true)
    setError(undefined)
    try {
      const args = { table: of, columns: ['*'], limit: MAX_ROWS }
      setRows(await engine.data<Record<string, unknown>[]>('select', args, { role, variables }))
    } catch (error) {
      setRows(undefined)
      setError(error)
    } finally {
      setLoading(false)
    }
  }
  const columns = Object.keys(rows?.[0] ?? {})
  return (
    <Panel title="View as a role">
      <form
        className={table.stack}
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <div className={table.row}>
          <NativeSelect
            label="Role to view as"
            data={roles}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
          <SessionVariables text={text} error={invalid} onChange={setText} />
          <Button
            type="submit"
            variant="default"
            loading={loading}
            disabled={role === '' || invalid !== undefined}
          >
            Show rows
          </Button>
        </div>
        <Failure error={error} title="The role cannot read the table" />
        {rows && (
          <div role="status" className={table.stack}>
            <p className={table.hint}>
              {rows.length === MAX_ROWS ? `The first ${MAX_ROWS} rows` : counted(rows.length, 'row')}
            </p>
            {rows.length === 0 ? (
              <Empty title="The role sees no rows" />
            ) : (
              <ResultTable
                label="Rows of the role"
                columns={columns}
                rows={rows.map((row) => columns.map((column) => row[column]))}
              />
            )}
          </div>
        )}
      </form>
    </Panel>
  )
}
