import { Button, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionsCell } from '../../common/ActionsCell'
import { ActionForm } from '../../common/ActionForm'
import { Choices } from '../../common/Choices'
import { ConfirmedButton } from '../../common/Confirmed'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction, useMetadata } from '../../engine/context'
import { rolesOf, type InheritedRole } from '../../engine/metadata'

/** Roles that have the permissions of other roles. */
export function InheritedRolesPanel() {
  const metadata = useMetadata()
  return (
    <Panel title="Inherited roles">
      <Loaded query={metadata} label="Loading the roles">
        {({ metadata }) => (
          <InheritedRoles inherited={metadata.inherited_roles ?? []} roles={rolesOf(metadata)} />
        )}
      </Loaded>
    </Panel>
  )
}

function InheritedRoles({ inherited, roles }: { inherited: InheritedRole[]; roles: string[] }) {
  const { fields, set, text, reset } = useFields<{ name: string; parents: string[] }>({
    name: '',
    parents: [],
  })
  const name = fields.name.trim()
  const exists = inherited.some(({ role_name }) => role_name === name)
  const save = useAction(
    (engine) => engine.metadata('add_inherited_role', { role_name: name, role_set: fields.parents }),
    reset,
  )
  const drop = useAction((engine, role_name: string) => engine.metadata('drop_inherited_role', { role_name }))
  return (
    <div className={table.stack}>
      <Failure error={drop.error} title="The role was not removed" />
      <Table
        label="Inherited roles"
        columns={['Role', 'Has the permissions of']}
        hasActions
        empty="No inherited roles yet"
      >
        {inherited.map(({ role_name, role_set }) => (
          <tr key={role_name}>
            <td>{role_name}</td>
            <td>{role_set.join(', ')}</td>
            <ActionsCell>
              <Button
                variant="default"
                aria-label={`Edit ${role_name}`}
                onClick={() => set({ name: role_name, parents: role_set })}
              >
                Edit
              </Button>
              <ConfirmedButton
                label={`Remove ${role_name}`}
                title={`Remove the inherited role ${role_name}?`}
                confirm="Remove the role"
                onConfirm={() => drop.mutate(role_name)}
                question="Clients with this role have only its own permissions then."
              >
                Remove
              </ConfirmedButton>
            </ActionsCell>
          </tr>
        ))}
      </Table>
      <ActionForm
        action={save}
        submit={exists ? 'Save inherited role' : 'Add inherited role'}
        failure="The role was not changed"
        isSecondary
        disabled={name === '' || fields.parents.length === 0}
      >
        <div className={table.row}>
          <TextInput label="Inherited role" {...text('name')} />
        </div>
        <Choices
          legend="Roles whose permissions it has"
          options={[...new Set([...roles, ...fields.parents])].filter((role) => role !== name).sort()}
          chosen={fields.parents}
          onChange={(parents) => set({ parents })}
        />
      </ActionForm>
    </div>
  )
}
