import { Button, Checkbox, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { ConfirmDialog, PageTitle, Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { counted } from '../../common/counted'
import { Failure } from '../../common/Failure'
import { ResultTable } from '../../common/ResultTable'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import { EngineError, messageOf, needsCascade } from '../../engine/errors'
import { displayName } from '../../engine/sql'
import { createdRelations } from './createdRelations'
import { Warnings, type TrackAnswer } from './Warnings'

/** Rows of a result that are shown. */
const MAX_ROWS = 500

interface Outcome {
  columns: string[]
  rows: string[][]
  ms: number
  tracked: TrackAnswer | undefined
}

/** Runs SQL as the role of the engine. */
export function SqlPage() {
  const engine = useEngine()
  const queries = useQueryClient()
  const [sql, setSql] = useState('')
  const [readOnly, setReadOnly] = useState(false)
  const [track, setTrack] = useState(true)
  const [running, setRunning] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>()
  const [error, setError] = useState<unknown>()
  const run = async (cascade: boolean) => {
    setRunning(true)
    setError(undefined)
    setOutcome(undefined)
    const started = performance.now()
    try {
      const result = await engine.sql(sql, { readOnly, cascade })
      const ms = performance.now() - started
      const created = track && !readOnly ? createdRelations(sql) : []
      // The SQL is committed: what follows is reported apart from it.
      const tracked =
        created.length > 0
          ? await engine
              .metadata<TrackAnswer>('pg_track_tables', {
                tables: created.map((name) => ({ table: name })),
                allow_warnings: true,
              })
              .catch((error: unknown) => ({
                warnings: created.map((name) => ({ name: displayName(name), message: messageOf(error) })),
              }))
          : undefined
      setOutcome({ columns: result?.columns ?? [], rows: result?.rows ?? [], ms, tracked })
      if (!readOnly) await queries.invalidateQueries()
    } catch (error) {
      setError(error)
    } finally {
      setRunning(false)
    }
  }
  return (
    <>
      <PageTitle
        title="SQL"
        subtitle="Runs in one transaction, with the rights of the engine’s database role."
      />
      <Panel title="Statement">
        <form
          className={table.stack}
          onSubmit={(event) => {
            event.preventDefault()
            void run(false)
          }}
        >
          <Textarea
            label="SQL"
            rows={10}
            value={sql}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => setSql(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
                event.currentTarget.form?.requestSubmit()
            }}
          />
          <div className={table.row}>
            <Button type="submit" loading={running} disabled={sql.trim() === ''}>
              Run
            </Button>
            <Checkbox
              label="Read only"
              checked={readOnly}
              onChange={(event) => setReadOnly(event.currentTarget.checked)}
            />
            <Checkbox
              label="Track the tables and views that it creates"
              checked={track}
              disabled={readOnly}
              onChange={(event) => setTrack(event.currentTarget.checked)}
            />
          </div>
        </form>
      </Panel>
      {error !== undefined && needsCascade(error) ? (
        <ConfirmDialog
          title="Objects of the metadata depend on this"
          confirm="Run, and remove these objects"
          onConfirm={() => void run(true)}
          onClose={() => setError(undefined)}
        >
          <Failure error={error} />
        </ConfirmDialog>
      ) : (
        <Failure
          error={error}
          title={error instanceof EngineError ? 'The SQL failed; nothing was changed' : 'No response'}
        />
      )}
      {outcome && <Result {...outcome} />}
    </>
  )
}

function Result({ columns, rows, ms, tracked }: Outcome) {
  return (
    <Panel title={`${counted(rows.length, 'row')} in ${ms.toFixed(0)} ms`}>
      <div className={table.stack} role="status">
        <Warnings answer={tracked} />
        {columns.length === 0 && <p className={table.hint}>The statement succeeded and returned no rows.</p>}
        {columns.length > 0 && (
          <ResultTable label="Result" columns={columns} rows={rows.slice(0, MAX_ROWS)} />
        )}
        {rows.length > MAX_ROWS && <p className={table.hint}>The first {MAX_ROWS} rows are shown.</p>}
      </div>
    </Panel>
  )
}
