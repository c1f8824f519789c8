import { Button, NativeSelect, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionForm } from '../../../common/ActionForm'
import table from '../../../common/table.module.css'
import { useFields } from '../../../common/useFields'
import { useAction } from '../../../engine/context'
import { sessionArguments, type DatabaseFunction } from '../../../engine/functions'
import type { FunctionEntry, Metadata } from '../../../engine/metadata'
import { displayName } from '../../../engine/sql'
import { FunctionDefinition } from '../FunctionDefinition'
import { FunctionPermissions } from './FunctionPermissions'
import { configurationOf, exposureOf, fieldOf, fieldsOf, readersOf } from './trackedFunction'

/** A tracked function: names, permissions and definition. */
export function FunctionPanel({
  entry,
  known,
  metadata,
  onClose,
}: {
  entry: FunctionEntry
  /** undefined if the database does not have it. */
  known: DatabaseFunction | undefined
  metadata: Metadata
  onClose: () => void
}) {
  const { fields, text } = useFields(fieldsOf(entry))
  const save = useAction((engine) =>
    engine.metadata('pg_set_function_customization', {
      function: entry.function,
      configuration: configurationOf(fields, entry.configuration),
    }),
  )
  const field = fieldOf(entry)
  const arguments_ = known ? sessionArguments(known) : []
  return (
    <Panel
      title={`Function ${displayName(entry.function)}`}
      aside={
        <Button variant="subtle" color="gray" onClick={onClose}>
          Close
        </Button>
      }
    >
      <div className={table.stack}>
        <ActionForm
          action={save}
          submit="Save function"
          failure="The function was not changed"
          disabled={JSON.stringify(fields) === JSON.stringify(fieldsOf(entry))}
        >
          <div className={table.row}>
            <TextInput label="Custom name" placeholder={entry.function.name} {...text('customName')} />
            <TextInput label="Root field" placeholder={field} {...text('field')} />
            {exposureOf(entry, known) === 'query' && (
              <TextInput
                label="Root field of aggregates"
                placeholder={`${field}_aggregate`}
                {...text('aggregateField')}
              />
            )}
          </div>
          <div className={table.row}>
            {known?.volatility === 'VOLATILE' && (
              <NativeSelect
                label="Exposed as"
                data={[
                  { value: '', label: 'mutation (default)' },
                  { value: 'mutation', label: 'mutation' },
                  { value: 'query', label: 'query' },
                ]}
                {...text('exposedAs')}
              />
            )}
            <NativeSelect
              label="Argument with the session variables"
              data={[
                { value: '', label: 'none' },
                ...new Set([...arguments_, fields.sessionArgument]),
              ].filter((option) => option !== '')}
              {...text('sessionArgument')}
            />
          </div>
        </ActionForm>
        <FunctionPermissions
          entry={entry}
          exposure={exposureOf(entry, known)}
          readers={readersOf(metadata, known)}
          target={known?.table ?? undefined}
        />
        <FunctionDefinition name={entry.function} />
      </div>
    </Panel>
  )
}
