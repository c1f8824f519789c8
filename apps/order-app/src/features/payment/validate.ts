import { payment as texts } from '../../texts/payment'
import type { Card } from './pay'

/** Card data of the form. The backend takes no expiry date, so the form checks it. */
export interface CardInput extends Card {
  /** `MM/YY`. */
  expiry: string
}

/** Message for each field that cannot be right. */
export type CardProblems = Partial<Record<keyof CardInput, string>>

/** Checks a card before it is sent; the backend and the issuer check it again. */
export function cardProblems({ name, number, expiry, cvv }: CardInput, now = new Date()): CardProblems {
  const digits = digitsOf(number)
  const date = expiryProblem(expiry, now)
  return {
    ...(name.trim() === '' && { name: texts.enterName }),
    ...((digits.length < 12 || digits.length > 19) && { number: texts.enterNumber }),
    ...(date !== undefined && { expiry: date }),
    ...(!/^\d{3,4}$/.test(cvv) && { cvv: texts.enterCvv }),
  }
}

function expiryProblem(expiry: string, now: Date): string | undefined {
  const [, month, year] = /^(\d\d)\/(\d\d)$/.exec(expiry) ?? []
  if (month === undefined || year === undefined || Number(month) < 1 || Number(month) > 12) {
    return texts.enterExpiry
  }
  // A card is valid until the end of its month.
  const end = new Date(2000 + Number(year), Number(month), 1)
  return end <= now ? texts.cardExpired : undefined
}

/**
 * Returns whether the check digit of a card number is right. A wrong one is worth a hint and not an error: numbers for tests,
 * such as that of the app of the Node.js example, have none.
 */
export function hasCheckDigit(number: string): boolean {
  const sum = Array.from(digitsOf(number))
    .reverse()
    .reduce((sum, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
      return sum + (value > 9 ? value - 9 : value)
    }, 0)
  return sum % 10 === 0
}

/** Returns an expiry date as the user types it: digits, with a slash after the month. */
export function formattedExpiry(text: string, before: string): string {
  const digits = digitsOf(text).slice(0, 4)
  // The slash is removed with the digit before it.
  const deletes = text.length < before.length
  return digits.length > 2 || (digits.length === 2 && !deletes)
    ? `${digits.slice(0, 2)}/${digits.slice(2)}`
    : digits
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '')
}
