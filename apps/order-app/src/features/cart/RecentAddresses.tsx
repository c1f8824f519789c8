import { cart as texts } from '../../texts/cart'
import { useOrderUpdates } from '../updates/OrderUpdatesProvider'
import classes from './RecentAddresses.module.css'

/** Maximum number of addresses that are offered. */
const MAX_ADDRESSES = 3

/** Addresses of the customer's newest orders, for another order; nothing before the first one. */
export function RecentAddresses({
  selected,
  onSelect,
}: {
  selected: string
  onSelect: (address: string) => void
}) {
  const addresses = useOrderUpdates().addresses.slice(0, MAX_ADDRESSES)
  if (addresses.length === 0) return null
  return (
    <div className={classes.addresses} role="group" aria-label={texts.recentAddresses}>
      {addresses.map((address) => (
        <button
          key={address}
          type="button"
          className={classes.address}
          aria-pressed={address === selected.trim()}
          onClick={() => onSelect(address)}
        >
          {address}
        </button>
      ))}
    </div>
  )
}
