import { Button, TextInput } from '@mantine/core'
import { Panel } from '@threefactor/shared'
import { useState } from 'react'

import { account as texts } from '../../texts/account'
import { MAX_ADDRESS, addressProblem } from '../cart/obstacle'
import { RecentAddresses } from '../cart/RecentAddresses'
import { useAddress } from '../cart/useAddress'
import classes from './AccountPage.module.css'

/** Delivery address with which the next cart begins; the addresses of the latest orders are offered. */
export function AddressPanel({ user }: { user: string }) {
  const [stored, store] = useAddress(user)
  const [address, setAddress] = useState(stored)
  const [problem, setProblem] = useState<string>()
  const [saved, setSaved] = useState(false)
  const edit = (next: string) => {
    setAddress(next)
    setProblem(undefined)
    setSaved(false)
  }
  const save = () => {
    const found = addressProblem(address)
    setProblem(found)
    if (found !== undefined) return
    store(address.trim())
    setSaved(true)
  }
  return (
    <Panel title={texts.address}>
      <p className={classes.hint}>{texts.addressHint}</p>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextInput
          label={texts.street}
          name="address"
          autoComplete="street-address"
          maxLength={MAX_ADDRESS}
          value={address}
          error={problem}
          errorProps={{ role: 'alert' }}
          onChange={(event) => edit(event.currentTarget.value)}
        />
        <RecentAddresses selected={address} onSelect={edit} />
        <div className={classes.foot}>
          <Button type="submit">{texts.save}</Button>
          <p className={classes.saved} role="status">
            {saved ? texts.saved : ''}
          </p>
        </div>
      </form>
    </Panel>
  )
}
