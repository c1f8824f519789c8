/** Returns the names of the time zones that a restaurant can choose, with its present one. */
export function zonesWith(present: string): string[] {
  // The list of the browser does not contain it.
  const names = new Set(['UTC', present, ...Intl.supportedValuesOf('timeZone')])
  return [...names].sort((a, b) => a.localeCompare(b))
}

/** Time zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
