import { ConfirmDialog } from '@threefactor/shared/ui'

import { needsCascade } from '../engine/errors'
import { Failure } from './Failure'

/** Result of `useAction` for an action that can be repeated with `cascade`. */
interface Action<Input> {
  mutate: (input: Input) => void
  reset: () => void
  error: unknown
  variables: Input | undefined
}

/** Failure of an action that removes something; if objects of the metadata depend on it, asks whether these are removed, too. */
export function CascadeFailure<Input extends { cascade?: boolean }>({
  action: { mutate, reset, error, variables },
  title,
}: {
  action: Action<Input>
  title: string
}) {
  if (variables === undefined || !needsCascade(error)) return <Failure error={error} title={title} />
  return (
    <ConfirmDialog
      title="Objects of the metadata depend on this"
      confirm="Remove these objects, too"
      onConfirm={() => mutate({ ...variables, cascade: true })}
      onClose={reset}
    >
      <Failure error={error} />
    </ConfirmDialog>
  )
}
