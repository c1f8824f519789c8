import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { JsonField } from '../../common/JsonField'
import { parseJson } from '../../common/json'
import table from '../../common/table.module.css'
import { useAction } from '../../engine/context'

/** Creates an event of a trigger by hand. */
export function InvokePanel({ trigger }: { trigger: string }) {
  const [payload, setPayload] = useState('{}')
  const [event, setEvent] = useState<string>()
  const invoke = useAction(
    (engine) =>
      engine.metadata<{ event_id: string }>('pg_invoke_event_trigger', {
        name: trigger,
        payload: parseJson(payload).value,
      }),
    ({ event_id }) => setEvent(event_id),
  )
  return (
    <Panel title="Invoke by hand">
      <ActionForm
        action={invoke}
        submit="Invoke"
        failure="The trigger was not invoked"
        isSecondary
        disabled={parseJson(payload).error !== undefined}
      >
        <JsonField label="New row of the event (JSON)" rows={4} value={payload} onChange={setPayload} />
        {event !== undefined && (
          <p role="status" className={table.hint}>
            Event {event} was created.
          </p>
        )}
      </ActionForm>
    </Panel>
  )
}
