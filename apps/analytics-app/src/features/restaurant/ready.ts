/** When an order was approved, and the minutes that were given with it. */
export interface Preparation {
  preparation_minutes?: number | null
  approvals?: readonly { at: string }[]
}

/**
 * Returns the time at which an order is to be ready; undefined if it is not in preparation.
 *
 * @param usualMinutes those of its restaurant, for an order that was approved without others
 */
export function readyAt(
  { preparation_minutes, approvals: [approval] = [] }: Preparation,
  usualMinutes: number,
): string | undefined {
  if (!approval) return undefined
  const minutes = preparation_minutes ?? usualMinutes
  return new Date(Date.parse(approval.at) + minutes * 60_000).toISOString()
}
