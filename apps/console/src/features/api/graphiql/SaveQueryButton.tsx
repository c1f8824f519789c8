import { ToolbarButton, useGraphiQL } from '@graphiql/react'
import { Dialog } from '@threefactor/shared/ui'
import { BookmarkPlus } from 'lucide-react'
import { useState } from 'react'

import { Loaded } from '../../../common/Loaded'
import { useMetadata } from '../../../engine/context'
import { AddQueryForm } from '../../collections/AddQueryForm'

/** Stores the query of the editor in a collection, for a REST endpoint or the allow list. */
export function SaveQueryButton() {
  const editor = useGraphiQL((state) => state.queryEditor)
  const operationName = useGraphiQL((state) => state.operationName)
  const metadata = useMetadata()
  const [query, setQuery] = useState<string>()
  const close = () => setQuery(undefined)
  return (
    <>
      <ToolbarButton
        label="Save query: store it in a collection"
        onClick={() => setQuery(editor?.getValue() ?? '')}
      >
        <BookmarkPlus className="graphiql-toolbar-icon" aria-hidden />
      </ToolbarButton>
      {query !== undefined && (
        <Dialog title="Save the query" onClose={close}>
          <Loaded query={metadata} label="Loading the collections">
            {({ metadata }) => (
              <AddQueryForm
                collections={metadata.query_collections?.map(({ name }) => name) ?? []}
                query={query}
                name={operationName ?? ''}
                onAdded={close}
                onCancel={close}
              />
            )}
          </Loaded>
        </Dialog>
      )}
    </>
  )
}
