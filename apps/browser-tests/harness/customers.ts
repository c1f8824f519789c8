// Names of customers. Tests share a stack, so two tests with orders of the same customer would see each other's orders.

declare const checked: unique symbol

/** Name of a customer from {@link customer} or {@link named}. */
export type Customer = string & { readonly [checked]: true }

/** User of the dashboard. */
export type Staff = 'manager' | `restaurant-${number}` | `driver-${number}`

const run = Date.now().toString(36).slice(-4)
let count = 0

/** Returns a name that no other test uses, and no other run against the same stack. */
export function customer(name: string): Customer {
  count += 1
  return `${name}-${run}${count.toString(36)}` as Customer
}

/** Returns a name as it is, for pictures and for accounts of the apps; other tests may use it, too. */
export function named(name: string): Customer {
  return name as Customer
}
