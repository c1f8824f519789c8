import { useQuery } from '@tanstack/react-query'
import { Panel } from '@threefactor/shared/ui'

import { ConfirmedButton } from '../../common/Confirmed'
import { Empty } from '../../common/Empty'
import { Failure } from '../../common/Failure'
import { Loaded } from '../../common/Loaded'
import { Table } from '../../common/Table'
import table from '../../common/table.module.css'
import { useAction, useEngine } from '../../engine/context'
import { remedyOf, type InconsistentObject } from './remedies'

interface Inconsistencies {
  is_consistent: boolean
  inconsistent_objects: InconsistentObject[]
}

/** Objects of the metadata that the API does not contain, with the reasons. */
export function InconsistencyPanel() {
  const engine = useEngine()
  const query = useQuery({
    queryKey: ['inconsistencies'],
    queryFn: () => engine.metadata<Inconsistencies>('get_inconsistent_metadata'),
  })
  const drop = useAction((engine) => engine.metadata('drop_inconsistent_metadata'))
  return (
    <Panel
      title="Inconsistent objects"
      aside={
        query.data?.is_consistent === false && (
          <ConfirmedButton
            title="Remove all inconsistent objects?"
            confirm="Remove them"
            onConfirm={() => drop.mutate()}
            question="Export the metadata first if you want to restore them."
          >
            Remove all
          </ConfirmedButton>
        )
      }
    >
      <Failure error={drop.error} title="The objects were not removed" />
      <Loaded query={query} label="Loading the inconsistent objects">
        {({ inconsistent_objects: objects }) =>
          objects.length === 0 ? (
            <Empty title="All objects are consistent" />
          ) : (
            <div className={table.stack}>
              <Table label="Inconsistent objects" columns={['Object', 'Reason', 'Remedy']}>
                {objects.map((object, index) => (
                  <tr key={index}>
                    <td>{object.name ?? object.type}</td>
                    <td>{object.reason}</td>
                    <td>{remedyOf(object)}</td>
                  </tr>
                ))}
              </Table>
              <p className={table.hint}>The other objects are served meanwhile.</p>
            </div>
          )
        }
      </Loaded>
    </Panel>
  )
}
