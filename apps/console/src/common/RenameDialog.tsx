import { TextInput } from '@mantine/core'
import { Dialog } from '@threefactor/shared/ui'
import { useState } from 'react'

import { useAction } from '../engine/context'
import type { Engine } from '../engine/engine'
import { ActionForm } from './ActionForm'

/** Asks for the new name of an object. */
export function RenameDialog({
  name,
  rename,
  onClose,
}: {
  name: string
  rename: (engine: Engine, newName: string) => Promise<unknown>
  onClose: () => void
}) {
  const [text, setText] = useState(name)
  const action = useAction((engine) => rename(engine, text.trim()), onClose)
  return (
    <Dialog title={`Rename ${name}`} onClose={onClose}>
      <ActionForm
        action={action}
        submit="Rename"
        failure="Could not rename"
        disabled={text.trim() === '' || text.trim() === name}
        onCancel={onClose}
      >
        <TextInput
          label="New name"
          value={text}
          autoFocus
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </ActionForm>
    </Dialog>
  )
}
