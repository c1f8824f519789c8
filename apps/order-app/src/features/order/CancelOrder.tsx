import { Button } from '@mantine/core'
import { ConfirmDialog, shortTime } from '@threefactor/shared'
import { useState } from 'react'
import { useMutation } from 'urql'

import { CancelOrderDocument } from '../../gql/graphql'
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
  if (!CANCELLABLE.has(status ?? '')) return null
  // The row is not returned if the order changed in the meantime.
  const refused = error !== undefined || data?.update_orders_by_pk === null
  return (
    <div className={`${classes.cancel} no-print`}>
      {status === 'validated' && payBy != null && (
        <p className={classes.hint}>Pay by {shortTime(payBy)}; afterwards the order expires.</p>
      )}
      <Button variant="default" loading={fetching} onClick={() => setAsking(true)}>
        Cancel this order
      </Button>
      {refused && !fetching && (
        <p role="alert" className={classes.problem}>
          {error?.networkError
            ? 'We could not reach the restaurant. Try again.'
            : 'The order can no longer be cancelled.'}
        </p>
      )}
      {asking && (
        <ConfirmDialog
          title="Cancel this order?"
          confirm="Cancel the order"
          onConfirm={() => void cancel({ id })}
          onClose={() => setAsking(false)}
        >
          <p>
            {status === 'paid'
              ? 'Your payment will be returned.'
              : 'You have not paid, so nothing is charged.'}
          </p>
        </ConfirmDialog>
      )}
    </div>
  )
}
