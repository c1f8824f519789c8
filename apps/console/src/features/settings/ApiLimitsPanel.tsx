import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { ConfirmedButton } from '../../common/Confirmed'
import { JsonField } from '../../common/JsonField'
import { parseJson, prettyJson } from '../../common/json'
import { Loaded } from '../../common/Loaded'
import { useAction, useMetadata } from '../../engine/context'

/** Limits of the operations of roles. */
export function ApiLimitsPanel() {
  const metadata = useMetadata()
  return (
    <Panel title="API limits">
      <Loaded query={metadata} label="Loading the limits">
        {({ metadata, resource_version }) => <Limits key={resource_version} limits={metadata.api_limits} />}
      </Loaded>
    </Panel>
  )
}

function Limits({ limits }: { limits: unknown }) {
  const [text, setText] = useState(() => prettyJson(limits))
  const save = useAction((engine) => engine.metadata('set_api_limits', parseJson(text).value))
  const remove = useAction((engine) => engine.metadata('remove_api_limits'))
  return (
    <ActionForm
      action={save}
      submit="Save limits"
      failure="The limits were not changed"
      error={save.error ?? remove.error}
      isSecondary
      disabled={parseJson(text).error !== undefined}
      buttons={
        limits !== undefined && (
          <ConfirmedButton
            title="Remove all API limits?"
            confirm="Remove the limits"
            onConfirm={() => remove.mutate()}
          >
            Remove
          </ConfirmedButton>
        )
      }
    >
      <JsonField
        label="Limits (JSON)"
        description='Such as {"depth_limit": {"global": 10, "per_role": {"customer": 6}}}: also node_limit, time_limit, rate_limit, batch_limit.'
        value={text}
        onChange={setText}
        rows={8}
      />
    </ActionForm>
  )
}
