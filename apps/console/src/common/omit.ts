/** Copy of an object without some of its keys. */
export function omit<T extends object, Key extends keyof T>(object: T, ...keys: Key[]): Omit<T, Key> {
  const kept = Object.entries(object).filter(([key]) => !keys.includes(key as Key))
  return Object.fromEntries(kept) as Omit<T, Key>
}
