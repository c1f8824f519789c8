/** Path of the page of a restaurant; with a dish, the page shows that dish. */
export function restaurantPath(id: number, dish?: string): string {
  const query = dish === undefined ? '' : `?${new URLSearchParams({ dish }).toString()}`
  return `/restaurants/${id}${query}`
}

/** Returns the id of the restaurant in a parameter of the path; undefined if it is not one. */
export function restaurantIdOf(text: string): number | undefined {
  // Ids are 32-bit integers.
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
