import { Panel } from '@threefactor/shared/ui'

import { Facts } from '../../../common/Facts'
import type { Definition, Relation } from '../../../engine/catalog'
import { useEntry } from '../../../engine/context'
import { ColumnsPanel } from './ColumnsPanel'
import { ConstraintsPanel } from './ConstraintsPanel'
import { EnumPanel } from './EnumPanel'
import { NamesPanel } from './NamesPanel'

/** Definition in the database, and names in the API. */
export function StructureTab({ relation, definition }: { relation: Relation; definition: Definition }) {
  const entry = useEntry(relation)
  return (
    <>
      <ColumnsPanel relation={relation} definition={definition} />
      {relation.kind === 'table' && <ConstraintsPanel relation={relation} definition={definition} />}
      {definition.indexes.length > 0 && (
        <Panel title="Indexes">
          <Facts
            label="Indexes"
            isCode
            facts={definition.indexes.map(({ name, definition }) => ({ name, value: definition }))}
          />
        </Panel>
      )}
      {definition.triggers.length > 0 && (
        <Panel title="Triggers of the database">
          <Facts
            label="Triggers of the database"
            isCode
            facts={definition.triggers.map(({ name, definition }) => ({ name, value: definition }))}
          />
        </Panel>
      )}
      {entry && <EnumPanel entry={entry} definition={definition} />}
      {entry && (
        <NamesPanel
          key={JSON.stringify(entry.configuration ?? null)}
          entry={entry}
          definition={definition}
          kind={relation.kind}
        />
      )}
    </>
  )
}
