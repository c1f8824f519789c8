import { Checkbox } from '@mantine/core'
import { Dialog } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionForm } from '../../common/ActionForm'
import { Choices } from '../../common/Choices'
import { ConfirmedButton } from '../../common/Confirmed'
import { useAction } from '../../engine/context'
import type { AllowListEntry } from '../../engine/metadata'

/** Sets the roles that may run the queries of a collection if the allow list is enforced. */
export function AllowListDialog({
  collection,
  entry,
  roles,
  onClose,
}: {
  collection: string
  /** undefined if the allow list does not contain the collection. */
  entry: AllowListEntry | undefined
  roles: string[]
  onClose: () => void
}) {
  const stored = entry?.scope?.roles ?? []
  const [isGlobal, setIsGlobal] = useState(entry?.scope?.global !== false)
  const [chosen, setChosen] = useState(stored)
  const save = useAction(
    (engine) =>
      engine.metadata(entry ? 'update_scope_of_collection_in_allowlist' : 'add_collection_to_allowlist', {
        collection,
        scope: isGlobal ? { global: true } : { global: false, roles: chosen },
      }),
    onClose,
  )
  const remove = useAction(
    (engine) => engine.metadata('drop_collection_from_allowlist', { collection }),
    onClose,
  )
  return (
    <Dialog title={`Allow the queries of ${collection}`} onClose={onClose}>
      <ActionForm
        action={save}
        submit={entry ? 'Save' : 'Add to the allow list'}
        failure="The allow list was not changed"
        error={save.error ?? remove.error}
        disabled={!isGlobal && chosen.length === 0}
        onCancel={onClose}
        buttons={
          entry && (
            <ConfirmedButton
              variant="default"
              loading={remove.isPending}
              title={`Remove ${collection} from the allow list?`}
              confirm="Remove the collection"
              onConfirm={() => remove.mutate()}
              question="While the allow list is enforced, its queries are refused then."
            >
              Remove from the allow list
            </ConfirmedButton>
          )
        }
      >
        <Choices
          legend="Roles that may run them"
          options={[...new Set([...roles, ...stored])].sort()}
          chosen={isGlobal ? [] : chosen}
          onChange={(roles) => {
            setIsGlobal(false)
            setChosen(roles)
          }}
        >
          <Checkbox
            label="All roles"
            checked={isGlobal}
            onChange={(event) => setIsGlobal(event.currentTarget.checked)}
          />
        </Choices>
      </ActionForm>
    </Dialog>
  )
}
