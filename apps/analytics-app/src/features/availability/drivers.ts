/** Filters of the drivers. */
export const DRIVER_FILTERS = ['all', 'available', 'unavailable'] as const

/** Filter of the drivers. */
export type DriverFilter = (typeof DRIVER_FILTERS)[number]

/** Returns the drivers with the availability and a name that contains the text, in the same order. */
export function matchingDrivers<Driver extends { name: string; available: boolean }>(
  drivers: readonly Driver[],
  filter: DriverFilter,
  search: string,
): Driver[] {
  const text = search.trim().toLocaleLowerCase()
  return drivers.filter(
    ({ name, available }) =>
      (filter === 'all' || available === (filter === 'available')) && name.toLocaleLowerCase().includes(text),
  )
}
