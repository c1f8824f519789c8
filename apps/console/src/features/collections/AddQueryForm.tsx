import { NativeSelect, TextInput, Textarea } from '@mantine/core'

import { ActionForm } from '../../common/ActionForm'
import table from '../../common/table.module.css'
import { useFields } from '../../common/useFields'
import { useAction } from '../../engine/context'

/** Adds a query to a collection, which is created if it is a new one. */
export function AddQueryForm({
  collections,
  name = '',
  query = '',
  onAdded,
  onCancel,
}: {
  collections: string[]
  /** Name that is proposed. */
  name?: string
  query?: string
  onAdded?: () => void
  onCancel?: () => void
}) {
  const { fields, set, text } = useFields({ collection: collections[0] ?? '', created: '', name, query })
  const isNew = fields.collection === ''
  const target = isNew ? fields.created.trim() : fields.collection
  const add = useAction(
    (engine) =>
      isNew
        ? engine.metadata('create_query_collection', {
            name: target,
            definition: { queries: [{ name: fields.name.trim(), query: fields.query }] },
          })
        : engine.metadata('add_query_to_collection', {
            collection_name: target,
            query_name: fields.name.trim(),
            query: fields.query,
          }),
    () => {
      set({ collection: target, created: '', name: '', query: '' })
      onAdded?.()
    },
  )
  return (
    <ActionForm
      action={add}
      submit="Add query"
      failure="The query was not added"
      isSecondary={onCancel === undefined}
      disabled={target === '' || fields.name.trim() === '' || fields.query.trim() === ''}
      {...(onCancel && { onCancel })}
    >
      <div className={table.row}>
        <NativeSelect
          label="Collection"
          data={[{ value: '', label: 'New collection' }, ...collections]}
          {...text('collection')}
        />
        {isNew && <TextInput label="Name of the collection" {...text('created')} />}
        <TextInput label="Name of the query" {...text('name')} />
      </div>
      <Textarea
        label="Query"
        rows={5}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.875rem' } }}
        {...text('query')}
      />
    </ActionForm>
  )
}
