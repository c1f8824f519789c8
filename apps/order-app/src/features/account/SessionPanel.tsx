import { Button } from '@mantine/core'
import { Panel, useSignOut } from '@threefactor/shared'
import { LogOut } from 'lucide-react'

import { account as texts } from '../../texts/account'
import classes from './AccountPage.module.css'

/** Sign-out, and what it removes. */
export function SessionPanel() {
  const { signOut } = useSignOut()
  return (
    <Panel title={texts.session}>
      <p className={classes.hint}>{texts.sessionHint}</p>
      <Button variant="default" leftSection={<LogOut size={17} aria-hidden />} onClick={() => void signOut()}>
        {texts.signOut}
      </Button>
    </Panel>
  )
}
