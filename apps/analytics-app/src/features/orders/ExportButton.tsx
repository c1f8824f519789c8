import { Button } from '@mantine/core'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { useClient } from 'urql'

import type { Order_Summaries_Bool_Exp } from '../../gql/graphql'
import { common } from '../../texts/common'
import { orders as texts } from '../../texts/orders'
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
      setResult(count >= MAX_EXPORTED ? texts.savedNewest(count) : texts.saved(count))
    } catch {
      setResult(texts.notLoaded)
    }
    setLoaded(undefined)
  }
  const busy = loaded !== undefined
  return (
    <>
      <span role="status" className={classes.more}>
        {busy && loaded > 0 ? common.orders(loaded) : result}
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
        {busy ? texts.exporting : texts.export}
      </Button>
    </>
  )
}
