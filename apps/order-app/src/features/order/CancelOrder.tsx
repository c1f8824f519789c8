import { Button } from '@mantine/core'
import { ConfirmDialog, Problem, isClosed, shortTime } from '@threefactor/shared'
import { useState } from 'react'
import { useMutation } from 'urql'

import { CancelOrderDocument } from '../../gql/graphql'
import { order as texts } from '../../texts/order'
import classes from './CancelOrder.module.css'

/** Statuses in which the customer may cancel: until the restaurant has approved. */
const CANCELLABLE = new Set(['placed', 'validated', 'paid'])

/** Button that cancels the order after a question, and the time until which an unpaid order can be paid. */
export function CancelOrder({
  id,
  status,
  payBy,
}: {
  id: string
  status?: string | null
  payBy?: string | null
}) {
  const [{ fetching, error, data }, cancel] = useMutation(CancelOrderDocument)
  const [asking, setAsking] = useState(false)
  const cancellable = CANCELLABLE.has(status ?? '')
  // The row is not returned if the order changed in the meantime. The subscription may show the approval before the response.
  const refused = !fetching && (error !== undefined || data?.update_orders_by_pk === null)
  if (!cancellable && (!refused || isClosed(status))) return null
  return (
    <div className={`${classes.cancel} no-print`}>
      {cancellable && status !== 'paid' && payBy != null && (
        <p className={classes.hint}>{texts.payBy(shortTime(payBy))}</p>
      )}
      {cancellable && (
        <Button variant="default" loading={fetching} onClick={() => setAsking(true)}>
          {texts.cancel}
        </Button>
      )}
      {refused && (
        <Problem message={error?.networkError && cancellable ? texts.cancelOffline : texts.cancelTooLate} />
      )}
      {asking && cancellable && (
        <ConfirmDialog
          title={texts.cancelTitle}
          confirm={texts.cancelConfirm}
          dismiss={texts.cancelDismiss}
          onConfirm={() => void cancel({ id })}
          onClose={() => setAsking(false)}
        >
          <p>{status === 'paid' ? texts.cancelPaid : texts.cancelUnpaid}</p>
        </ConfirmDialog>
      )}
    </div>
  )
}
