import { Checkbox, TextInput } from '@mantine/core'

import table from '../../common/table.module.css'

/** Address of a webhook, or the environment variable that contains it. */
export interface WebhookFields {
  webhook: string
  webhookFromEnvironment: boolean
}

export function WebhookField({
  fields: { webhook, webhookFromEnvironment },
  error,
  onChange,
}: {
  fields: WebhookFields
  error?: string | undefined
  onChange: (part: Partial<WebhookFields>) => void
}) {
  return (
    <div className={table.row}>
      <TextInput
        className={table.wide}
        label={webhookFromEnvironment ? 'Variable with the address of the webhook' : 'Webhook'}
        placeholder={webhookFromEnvironment ? 'WEBHOOK_URL' : 'https://example.com/hook or {{BASE_URL}}/hook'}
        value={webhook}
        error={error}
        onChange={(event) => onChange({ webhook: event.currentTarget.value })}
      />
      <Checkbox
        label="From the environment"
        checked={webhookFromEnvironment}
        onChange={(event) => onChange({ webhookFromEnvironment: event.currentTarget.checked })}
      />
    </div>
  )
}
