import { SegmentedControl } from '@mantine/core'

/** Selects the state of the events of a list. */
export function StateSwitch<State extends string>({
  labels,
  state,
  onChange,
}: {
  labels: Record<State, string>
  state: State
  onChange: (state: State) => void
}) {
  return (
    <SegmentedControl
      aria-label="State of the events"
      value={state}
      onChange={onChange}
      data={(Object.entries(labels) as [State, string][]).map(([value, label]) => ({ value, label }))}
    />
  )
}
