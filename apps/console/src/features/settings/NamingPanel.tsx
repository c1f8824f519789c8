import { NativeSelect, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionForm } from '../../common/ActionForm'
import { Loaded } from '../../common/Loaded'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction, useMetadata } from '../../engine/context'
import { servedSource, type Source } from '../../engine/metadata'
import { useConfig } from '../../engine/useConfig'
import { customizationOf, fieldsOf } from './customization'

/** Names of the API: the naming convention, and what is added to all names. */
export function NamingPanel() {
  const metadata = useMetadata()
  return (
    <Panel title="Names of the API">
      <Loaded query={metadata} label="Loading the names">
        {({ metadata }) => {
          const source = servedSource(metadata)
          return source && <Names key={JSON.stringify([source.name, source.customization])} source={source} />
        }}
      </Loaded>
    </Panel>
  )
}

function Names({ source: { name, customization } }: { source: Source }) {
  const config = useConfig()
  const { fields, text } = useFields(fieldsOf(customization))
  const save = useAction((engine) =>
    engine.metadata('update_source', { name, customization: customizationOf(fields, customization) }),
  )
  const preset = config.data?.default_naming_convention
  return (
    <ActionForm
      action={save}
      submit="Save names of the API"
      failure="The names were not changed"
      isSecondary
      disabled={JSON.stringify(fields) === JSON.stringify(fieldsOf(customization))}
    >
      <p className={table.hint}>
        Operations with the former names fail then. Custom names of tables and columns stay as they are
        written.
      </p>
      <div className={table.fields}>
        <NativeSelect
          label="Naming convention"
          data={[
            { value: '', label: `default: ${preset ?? 'hasura-default'}` },
            { value: 'hasura-default', label: 'hasura-default: insert_user_orders' },
            { value: 'graphql-default', label: 'graphql-default: insertUserOrders' },
          ]}
          {...text('convention')}
        />
        <TextInput label="Namespace of root fields" placeholder="none" {...text('namespace')} />
        <TextInput label="Prefix of root fields" placeholder="none" {...text('rootPrefix')} />
        <TextInput label="Suffix of root fields" placeholder="none" {...text('rootSuffix')} />
        <TextInput label="Prefix of types" placeholder="none" {...text('typePrefix')} />
        <TextInput label="Suffix of types" placeholder="none" {...text('typeSuffix')} />
      </div>
    </ActionForm>
  )
}
