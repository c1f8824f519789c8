/** A card to try: no money moves. */
export interface DemoCard {
  label: string
  number: string
  cvv: string
  accepted: boolean
}

/** The numbers on which the simulated gateway decides; any other card is accepted. Those are Stripe's test numbers. */
export const DEMO_CARDS: readonly DemoCard[] = [
  { label: 'Good card', number: '4242 4242 4242 4242', cvv: '123', accepted: true },
  { label: 'Declined', number: '4000 0000 0000 0002', cvv: '123', accepted: false },
  { label: 'No money on it', number: '4000 0000 0000 9995', cvv: '123', accepted: false },
  { label: 'Expired', number: '4000 0000 0000 0069', cvv: '123', accepted: false },
  { label: 'Wrong code', number: '4000 0000 0000 0127', cvv: '123', accepted: false },
  { label: 'Stolen', number: '4000 0000 0000 9979', cvv: '123', accepted: false },
]

/** The card number in groups of four, digits only. */
export function grouped(number: string): string {
  const digits = number.replace(/\D/g, '').slice(0, 19)
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ')
}
