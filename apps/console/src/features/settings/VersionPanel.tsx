import { useQuery } from '@tanstack/react-query'
import { Panel } from '@threefactor/shared/ui'

import { Loaded } from '../../common/Loaded'
import { Scroll } from '../../common/Scroll'
import table from '../../common/table.module.css'
import { useEngine } from '../../engine/context'
import type { EngineConfig } from '../access/useAccess'

/** Versions and authentication of the engine. */
export function VersionPanel() {
  const engine = useEngine()
  const config = useQuery({
    queryKey: ['config'],
    queryFn: async () => ({
      config: await engine.get<EngineConfig>('/v1alpha1/config'),
      postgres: (await engine.sql('SHOW server_version', { readOnly: true }))?.rows[0]?.[0],
    }),
  })
  return (
    <Panel title="Engine">
      <Loaded query={config} label="Loading the versions">
        {({ config, postgres }) => (
          <Scroll label="Versions">
            <table className={table.table}>
              <tbody>
                <Line name="Version" value={config.engine_version} />
                <Line name="Version of Hasura that is reported" value={config.version} />
                <Line name="Postgres" value={postgres ?? 'unknown'} />
                <Line
                  name="Admin secret"
                  value={config.is_admin_secret_set ? 'set' : 'not set: every request is an administrator'}
                />
                <Line
                  name="Authentication of users"
                  value={config.is_jwt_set ? 'JWT' : config.is_auth_hook_set ? 'webhook' : 'none'}
                />
                <Line name="Allow list" value={config.is_allow_list_enabled ? 'enforced' : 'not enforced'} />
              </tbody>
            </table>
          </Scroll>
        )}
      </Loaded>
    </Panel>
  )
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{value}</td>
    </tr>
  )
}
