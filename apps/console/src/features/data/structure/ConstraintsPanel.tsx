import { TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared/ui'

import { ActionForm } from '../../../common/ActionForm'
import { CascadeFailure } from '../../../common/CascadeFailure'
import { ConfirmedButton } from '../../../common/Confirmed'
import { Empty } from '../../../common/Empty'
import { Facts } from '../../../common/Facts'
import table from '../../../common/table.module.css'
import { useFields } from '../../../common/useFields'
import type { Definition, Relation } from '../../../engine/catalog'
import { addConstraintSql, dropConstraintSql } from './columnSql'
import { useSql } from './useSql'

/** Keys, foreign keys and checks of a table. */
export function ConstraintsPanel({ relation, definition }: { relation: Relation; definition: Definition }) {
  const drop = useSql()
  const { fields, text, reset } = useFields({ name: '', definition: '' })
  const add = useSql(reset)
  return (
    <Panel title="Constraints">
      <div className={table.stack}>
        <CascadeFailure action={drop} title="The constraint was not dropped" />
        {definition.constraints.length === 0 ? (
          <Empty title="No constraints yet" />
        ) : (
          <Facts
            label="Constraints"
            isCode
            facts={definition.constraints.map(({ name, definition }) => ({
              name,
              value: definition,
              actions: (
                <ConfirmedButton
                  label={`Drop ${name}`}
                  title={`Drop the constraint ${name}?`}
                  confirm="Drop the constraint"
                  onConfirm={() => drop.mutate({ sql: dropConstraintSql(relation, name) })}
                  question="Postgres no longer checks it. Relationships by a foreign key are removed with it."
                >
                  Drop
                </ConfirmedButton>
              ),
            }))}
          />
        )}
        <ActionForm
          action={{
            ...add,
            mutate: () => add.mutate({ sql: addConstraintSql(relation, fields.name, fields.definition) }),
          }}
          submit="Add constraint"
          failure="The constraint was not added"
          isSecondary
          disabled={fields.definition.trim() === ''}
        >
          <div className={table.row}>
            <TextInput label="Name of the constraint" placeholder="chosen by Postgres" {...text('name')} />
            <TextInput
              className={table.wide}
              label="Definition"
              placeholder="UNIQUE (a, b), CHECK (a > 0), or FOREIGN KEY (a) REFERENCES t (b)"
              {...text('definition')}
            />
          </div>
        </ActionForm>
      </div>
    </Panel>
  )
}
