import { Button } from '@mantine/core'
import { Bell, BellRing } from 'lucide-react'
import { useState } from 'react'

import { order as texts } from '../../texts/order'
import { isFinal } from '../orders/groups'
import classes from './NotifyButton.module.css'
import { useOrderUpdates } from './OrderUpdatesProvider'

/** Switch of the notifications, while the order can change; nothing if the browser has none or the user has blocked them. */
export function NotifyButton({ status }: { status?: string | null }) {
  const { notifications, setNotifications } = useOrderUpdates()
  const [asked, setAsked] = useState(false)
  const isBlocked = notifications === 'blocked'
  if (isFinal(status) || notifications === 'unsupported' || (isBlocked && !asked)) return null
  const on = notifications === 'on'
  const Icon = on ? BellRing : Bell
  return (
    <div className={`${classes.notify} no-print`}>
      <Button
        variant={on ? 'light' : 'default'}
        aria-pressed={on}
        title={texts.notifyHint}
        leftSection={<Icon size={17} aria-hidden />}
        onClick={() => {
          setAsked(true)
          setNotifications(!on)
        }}
      >
        {on ? texts.notifying : texts.notify}
      </Button>
      {isBlocked && (
        <p className={classes.hint} role="status">
          {texts.notifyBlocked}
        </p>
      )}
    </div>
  )
}
