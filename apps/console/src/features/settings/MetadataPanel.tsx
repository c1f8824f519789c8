import { Button, Checkbox } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useRef, useState } from 'react'

import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import table from '../../common/table.module.css'
import { useAction, useEngine, useMetadata } from '../../engine/context'
import { Comparison } from './Comparison'

/** Largest file that is read, in bytes. */
const MAX_FILE = 16 * 1024 * 1024

/** Export, import with a comparison, reload and reset of the metadata. */
export function MetadataPanel() {
  const engine = useEngine()
  const { data } = useMetadata()
  const file = useRef<HTMLInputElement>(null)
  const [imported, setImported] = useState<unknown>()
  const [allowInconsistent, setAllowInconsistent] = useState(false)
  const [error, setError] = useState<unknown>()
  const [message, setMessage] = useState<string>()
  const reload = useAction(
    (engine) => engine.metadata('reload_metadata', {}),
    () => setMessage('The metadata was reloaded.'),
  )
  const replace = useAction(
    (engine) =>
      engine.metadata(
        'replace_metadata',
        { allow_inconsistent_metadata: allowInconsistent, metadata: imported },
        { version: 2 },
      ),
    () => {
      setImported(undefined)
      setMessage('The metadata was imported.')
    },
  )
  const clear = useAction(
    (engine) => engine.metadata('clear_metadata'),
    () => setMessage('The metadata is empty now.'),
  )
  const exportFile = async () => {
    setError(undefined)
    try {
      const metadata = await engine.metadata('export_metadata')
      const url = URL.createObjectURL(
        new Blob([JSON.stringify(metadata, null, 2)], { type: 'application/json' }),
      )
      const link = document.createElement('a')
      link.href = url
      link.download = 'metadata.json'
      link.click()
      // The browser has read the address when the click returns.
      setTimeout(() => URL.revokeObjectURL(url), 0)
    } catch (error) {
      setError(error)
    }
  }
  const read = async (chosen: File | undefined) => {
    setError(undefined)
    setMessage(undefined)
    if (!chosen) return
    try {
      if (chosen.size > MAX_FILE) throw new Error(`${chosen.name} is larger than ${MAX_FILE} bytes.`)
      const content: unknown = JSON.parse(await chosen.text())
      // `export_metadata` with version 2 wraps the metadata.
      const inner = (content as { metadata?: unknown } | null)?.metadata
      setImported(inner ?? content)
    } catch (error) {
      setError(
        error instanceof SyntaxError ? new Error(`${chosen.name} is not JSON: ${error.message}`) : error,
      )
    }
  }
  return (
    <Panel title="Metadata">
      <div className={table.stack}>
        <p className={table.hint}>Version {data?.resource_version ?? '…'} of the metadata.</p>
        <div className={table.row}>
          <Button variant="default" onClick={() => void exportFile()}>
            Export
          </Button>
          <Button variant="default" onClick={() => file.current?.click()}>
            Import…
          </Button>
          <input
            ref={file}
            type="file"
            accept="application/json,.json"
            hidden
            aria-label="File with metadata"
            onChange={(event) => {
              void read(event.currentTarget.files?.[0])
              event.currentTarget.value = ''
            }}
          />
          <Button variant="default" loading={reload.isPending} onClick={() => reload.mutate()}>
            Reload
          </Button>
          <ConfirmedButton
            title="Remove all metadata?"
            confirm="Remove all metadata"
            onConfirm={() => clear.mutate()}
            question="No table is tracked then, and no event is captured. Rows stay. Export the metadata first."
          >
            Reset
          </ConfirmedButton>
        </div>
        <Failure
          error={error ?? reload.error ?? replace.error ?? clear.error}
          title="The metadata was not changed"
        />
        {message !== undefined && (
          <p role="status" className={table.hint}>
            {message}
          </p>
        )}
        {imported !== undefined && data && (
          <>
            <Comparison before={data.metadata} after={imported} />
            <Checkbox
              label="Import also objects that are inconsistent with the database"
              checked={allowInconsistent}
              onChange={(event) => setAllowInconsistent(event.currentTarget.checked)}
            />
            <div className={table.actions}>
              <Button variant="default" onClick={() => setImported(undefined)}>
                Cancel
              </Button>
              <Button loading={replace.isPending} onClick={() => replace.mutate()}>
                Replace the metadata
              </Button>
            </div>
          </>
        )}
      </div>
    </Panel>
  )
}
