import { NativeSelect, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../../common/ActionForm'
import { JsonField } from '../../../common/JsonField'
import { parseJson, prettyJson } from '../../../common/json'
import table from '../../../common/table.module.css'
import { useAction } from '../../../engine/context'
import type { CallResult } from '../../../engine/engine'
import type { RestEndpoint } from '../../../engine/metadata'
import { RoleSwitch } from '../RoleSwitch'
import { useRole } from '../useRole'
import { pathOf, pathVariables, requestOf } from './endpoints'

/** Calls an endpoint, and shows the response. */
export function TryEndpoint({ endpoint: { name, url, methods } }: { endpoint: RestEndpoint }) {
  const role = useRole()
  const [method, setMethod] = useState(methods[0] ?? 'GET')
  const [values, setValues] = useState<Record<string, string>>({})
  const [variables, setVariables] = useState('{}')
  const [result, setResult] = useState<CallResult>()
  const { value, error } = parseJson(variables)
  const { path, body } = requestOf(method, pathOf(url, values), (value ?? {}) as Record<string, unknown>)
  const call = useAction((engine) => engine.call(method, path, { as: role.as, body }), setResult)
  return (
    <Panel title={`Try ${name}`}>
      <ActionForm
        action={call}
        submit="Send"
        failure="No response"
        disabled={
          error !== undefined || role.error !== undefined || pathVariables(url).some((name) => !values[name])
        }
      >
        <RoleSwitch role={role} />
        <div className={table.row}>
          <NativeSelect
            label="Method"
            data={methods}
            value={method}
            onChange={(event) => setMethod(event.currentTarget.value)}
          />
          {pathVariables(url).map((name) => (
            <TextInput
              key={name}
              label={name}
              value={values[name] ?? ''}
              onChange={({ currentTarget: { value } }) => setValues({ ...values, [name]: value })}
            />
          ))}
        </div>
        <JsonField label="Other variables (JSON)" rows={3} value={variables} onChange={setVariables} />
        <p className={table.code}>
          {method} {path}
        </p>
      </ActionForm>
      {result && (
        <div role="status" className={table.stack}>
          <p className={table.hint}>
            Status {result.status} in {result.ms.toFixed(0)} ms
          </p>
          <pre className={table.block} tabIndex={0} aria-label="Response">
            {prettyJson(result.body)}
          </pre>
        </div>
      )}
    </Panel>
  )
}
