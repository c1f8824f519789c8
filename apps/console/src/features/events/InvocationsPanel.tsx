import { Panel } from '@threefactor/shared/ui'

import { Invocations, type Invocation } from './Invocations'

/** Calls of the webhook of an event trigger. */
export function InvocationsPanel({ trigger }: { trigger: string }) {
  return (
    <Panel title="Invocations">
      <Invocations
        of={['trigger', trigger]}
        read={(engine, limit) =>
          engine.metadata<Invocation[]>('pg_get_event_invocation_logs', { name: trigger, limit })
        }
      />
    </Panel>
  )
}
