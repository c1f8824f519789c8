import { Button } from '@mantine/core'
import { counted } from '@threefactor/shared'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useClient } from 'urql'

import type { Order_Summaries_Bool_Exp } from '../../gql/graphql'
import { download } from './csv'
import { MAX_EXPORTED, exportOrders } from './exportOrders'
import classes from './OrdersPage.module.css'

/** Saves the orders that match as a file, not only those that are shown. */
export function ExportButton({
  condition,
  disabled,
}: {
  condition: Order_Summaries_Bool_Exp
  disabled: boolean
}) {
  const client = useClient()
  const [loaded, setLoaded] = useState<number>()
  const [result, setResult] = useState('')
  const run = async () => {
    setLoaded(0)
    setResult('')
    let count = 0
    try {
      const text = await exportOrders(client, condition, (orders) => setLoaded((count = orders)))
      download('orders.csv', text)
      setResult(
        count >= MAX_EXPORTED
          ? `The newest ${counted(count, 'order')} saved.`
          : `${counted(count, 'order')} saved.`,
      )
    } catch {
      setResult('The orders could not be loaded. Please try again.')
    }
    setLoaded(undefined)
  }
  const busy = loaded !== undefined
  return (
    <>
      <span role="status" className={classes.more}>
        {busy && loaded > 0 ? counted(loaded, 'order') : result}
      </span>
      <Button
        variant="default"
        leftSection={<Download size={16} aria-hidden />}
        disabled={disabled}
        aria-busy={busy}
        onClick={() => {
          if (!busy) void run()
        }}
      >
        {busy ? 'Exporting…' : 'Export as CSV'}
      </Button>
    </>
  )
}
