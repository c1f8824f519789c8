import { PageTitle } from '@threefactor/shared/ui'
import { useState } from 'react'

import { Loaded } from '../../../common/Loaded'
import { useMetadata } from '../../../engine/context'
import { servedSource } from '../../../engine/metadata'
import { isSameTable, type TableName } from '../../../engine/sql'
import { useFunctions } from '../../../engine/useCatalog'
import { FunctionPanel } from './FunctionPanel'
import { TrackedFunctions } from './TrackedFunctions'
import { UntrackedFunctions } from './UntrackedFunctions'

/** Functions that are root fields of the API, and those that can be. */
export function FunctionsPage() {
  const functions = useFunctions()
  const metadata = useMetadata()
  const [selected, setSelected] = useState<TableName>()
  return (
    <>
      <PageTitle
        title="Functions"
        subtitle="A tracked function is a root field that returns rows of a table."
      />
      <Loaded query={functions} label="Loading the functions">
        {(functions) => (
          <Loaded query={metadata} label="Loading the metadata">
            {({ metadata }) => {
              const entries = servedSource(metadata)?.functions ?? []
              const entry = selected && entries.find((other) => isSameTable(other.function, selected))
              return (
                <>
                  <TrackedFunctions
                    entries={entries}
                    functions={functions}
                    selected={selected}
                    onSelect={setSelected}
                  />
                  {entry && (
                    <FunctionPanel
                      key={JSON.stringify([entry.function, entry.configuration])}
                      entry={entry}
                      known={functions.find((other) => isSameTable(other, entry.function))}
                      metadata={metadata}
                      onClose={() => setSelected(undefined)}
                    />
                  )}
                  <UntrackedFunctions
                    functions={functions.filter(
                      (known) => !entries.some((entry) => isSameTable(entry.function, known)),
                    )}
                  />
                </>
              )
            }}
          </Loaded>
        )}
      </Loaded>
    </>
  )
}
