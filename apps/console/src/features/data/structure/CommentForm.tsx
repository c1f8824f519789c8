import { TextInput } from '@mantine/core'
import { useState } from 'react'

import { ActionForm } from '../../../common/ActionForm'
import type { Relation } from '../../../engine/catalog'
import { useAction } from '../../../engine/context'
import { commentSql } from './columnSql'

/** Comment of a table or view, which is its description in the API. */
export function CommentForm({ relation, comment }: { relation: Relation; comment: string }) {
  const [text, setText] = useState(comment)
  const save = useAction((engine) => engine.sql(commentSql(relation, relation.kind, text)))
  return (
    <ActionForm
      action={save}
      submit="Save comment"
      failure="The comment was not changed"
      isSecondary
      disabled={text.trim() === comment}
    >
      <TextInput
        label={`Comment of the ${relation.kind}`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ActionForm>
  )
}
