import { Button } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'
import { useState } from 'react'

import { ActionsCell } from '../../../common/ActionsCell'
import { CascadeFailure } from '../../../common/CascadeFailure'
import { ConfirmedButton } from '../../../common/Confirmed'
import { Table } from '../../../common/Table'
import table from '../../../common/table.module.css'
import type { Column, Definition, Relation } from '../../../engine/catalog'
import { ColumnDialog } from './ColumnDialog'
import { CommentForm } from './CommentForm'
import { dropColumnSql } from './columnSql'
import { useSql } from './useSql'

/** Columns of a table or view; those of a table can be added, changed and dropped. */
export function ColumnsPanel({ relation, definition }: { relation: Relation; definition: Definition }) {
  const [edited, setEdited] = useState<Column | 'new'>()
  const drop = useSql()
  const isTable = relation.kind === 'table'
  return (
    <Panel title="Columns" aside={isTable && <Button onClick={() => setEdited('new')}>Add column</Button>}>
      <div className={table.stack}>
        <CascadeFailure action={drop} title="The column was not dropped" />
        <Table label="Columns" hasActions={isTable} columns={['Name', 'Type', 'Null', 'Default', 'Comment']}>
          {definition.columns.map((column) => (
            <tr key={column.name}>
              <td>{column.name}</td>
              <td className={table.code}>{column.type}</td>
              <td>{column.nullable ? 'yes' : 'no'}</td>
              <td className={table.code}>{column.generated ? 'generated' : column.default}</td>
              <td>{column.comment}</td>
              {isTable && (
                <ActionsCell>
                  <Button
                    variant="default"
                    aria-label={`Edit ${column.name}`}
                    onClick={() => setEdited(column)}
                  >
                    Edit
                  </Button>
                  <ConfirmedButton
                    label={`Drop ${column.name}`}
                    title={`Drop the column ${column.name}?`}
                    confirm="Drop the column"
                    onConfirm={() => drop.mutate({ sql: dropColumnSql(relation, column.name) })}
                    question="Its values are lost."
                  >
                    Drop
                  </ConfirmedButton>
                </ActionsCell>
              )}
            </tr>
          ))}
        </Table>
        <CommentForm key={definition.comment} relation={relation} comment={definition.comment ?? ''} />
      </div>
      {edited !== undefined && (
        <ColumnDialog
          relation={relation}
          column={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Panel>
  )
}
