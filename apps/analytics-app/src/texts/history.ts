/** Texts of the deliveries that a driver has ended. */
export const history = {
  title: 'Today',
  subtitle: 'Your deliveries since midnight',
  totals: 'Totals of today',
  delivered: 'Deliveries',
  distance: 'Distance',
  average: 'Pick-up to delivery',
  list: 'Ended deliveries',
  none: 'No deliveries yet',
  noneHint: 'Orders that you have delivered, or reported a problem with, appear here.',
  newest: (count: string) => `Showing the ${count} newest deliveries; the totals are of all.`,
}
