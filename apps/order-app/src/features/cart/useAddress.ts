import { useStoredText } from './useStoredText'

/** Address of a customer that has not entered one. */
const FIRST_ADDRESS = '12 Rainbow Road'

/** Delivery address of a customer, with which each cart begins; stored in this browser. */
export function useAddress(user: string): [address: string, setAddress: (address: string) => void] {
  return useStoredText(user, 'address', FIRST_ADDRESS)
}
