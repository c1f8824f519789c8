import { PageTitle, Panel } from '@threefactor/shared/ui'
import { useLocation } from 'wouter'

import { useMetadata } from '../../engine/context'
import { entriesOf } from '../../engine/metadata'
import { displayName } from '../../engine/sql'
import { NoTrigger } from './NoTrigger'
import { TriggerForm } from './TriggerForm'
import { emptyFields, fieldsOf } from './triggerForm'
import { triggerPath, useTriggers } from './triggers'

/** Page that creates an event trigger, or edits one. */
export function TriggerFormPage({ name }: { name?: string }) {
  const triggers = useTriggers()
  const { data } = useMetadata()
  const [, navigate] = useLocation()
  const previous = triggers?.find((other) => other.name === name)
  if (!data || (name !== undefined && !previous)) return <NoTrigger label="Loading the tables" />
  const tables = entriesOf(data.metadata).map(({ table }) => table)
  return (
    <>
      <PageTitle title={name === undefined ? 'New event trigger' : `Edit ${name}`} />
      <Panel title="Definition">
        <TriggerForm
          initial={previous ? fieldsOf(previous) : emptyFields()}
          previous={previous}
          tables={tables.sort((a, b) => displayName(a).localeCompare(displayName(b)))}
          onSaved={(name) => navigate(triggerPath(name))}
        />
      </Panel>
    </>
  )
}
