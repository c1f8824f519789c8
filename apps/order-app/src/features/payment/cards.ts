import { payment as texts } from '../../texts/payment'

/** Test card of the simulated gateway. */
export interface DemoCard {
  label: string
  number: string
  /** `MM/YY`. */
  expiry: string
  cvv: string
  accepted: boolean
}

/** Stripe's test numbers, which the simulated gateway supports; it accepts every other card. */
export const DEMO_CARDS: readonly DemoCard[] = [
  { label: texts.valid, number: '4242 4242 4242 4242', expiry: '12/34', cvv: '123', accepted: true },
  { label: texts.declined, number: '4000 0000 0000 0002', expiry: '12/34', cvv: '123', accepted: false },
  {
    label: texts.insufficient,
    number: '4000 0000 0000 9995',
    expiry: '12/34',
    cvv: '123',
    accepted: false,
  },
  { label: texts.expired, number: '4000 0000 0000 0069', expiry: '01/24', cvv: '123', accepted: false },
  {
    label: texts.incorrectCvc,
    number: '4000 0000 0000 0127',
    expiry: '12/34',
    cvv: '123',
    accepted: false,
  },
  { label: texts.stolen, number: '4000 0000 0000 9979', expiry: '12/34', cvv: '123', accepted: false },
]

/** Returns the digits of the card number in groups of four. */
export function grouped(number: string): string {
  const digits = number.replace(/\D/g, '').slice(0, 19)
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ')
}
