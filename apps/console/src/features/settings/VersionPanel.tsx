import { useQuery } from '@tanstack/react-query'
import { Panel } from '@threefactor/shared/ui'

import { Facts } from '../../common/Facts'
import { Loaded } from '../../common/Loaded'
import { useEngine } from '../../engine/context'
import { CONFIG_PATH, type EngineConfig } from '../../engine/useConfig'

/** Versions and authentication of the engine. */
export function VersionPanel() {
  const engine = useEngine()
  const config = useQuery({
    queryKey: ['versions'],
    queryFn: async () => ({
      config: await engine.get<EngineConfig>(CONFIG_PATH),
      postgres: (await engine.sql('SHOW server_version', { readOnly: true }))?.rows[0]?.[0],
    }),
  })
  return (
    <Panel title="Engine">
      <Loaded query={config} label="Loading the versions">
        {({ config, postgres }) => (
          <Facts
            label="Versions"
            facts={[
              { name: 'Version', value: config.engine_version },
              { name: 'Version of Hasura that is reported', value: config.version },
              { name: 'Postgres', value: postgres ?? 'unknown' },
              {
                name: 'Admin secret',
                value: config.is_admin_secret_set ? 'set' : 'not set: every request is an administrator',
              },
              {
                name: 'Authentication of users',
                value: config.is_jwt_set ? 'JWT' : config.is_auth_hook_set ? 'webhook' : 'none',
              },
              { name: 'Allow list', value: config.is_allow_list_enabled ? 'enforced' : 'not enforced' },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
