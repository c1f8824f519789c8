import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'

import { useSession } from './session'
import classes from './UserMenu.module.css'

/** Name of the user and logout button. */
export function UserMenu() {
  const { user, logOut } = useSession()
  return (
    <div className={classes.user}>
      <span className={classes.avatar} aria-hidden>
        {user?.slice(0, 1).toUpperCase()}
      </span>
      <span className={classes.name}>{user}</span>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<LogOut size={15} aria-hidden />}
        onClick={logOut}
      >
        Log out
      </Button>
    </div>
  )
}
