/** Prefix of everything that the apps store; other apps may share the origin, for example on localhost. */
const PREFIX = '3factor.'
/** Format of the stored values. Values of another version are ignored. */
const VERSION = 1

/** Key of a value that belongs to one user. */
export function userKey(user: string, name: string): string {
  return `${userPrefix(user)}${name}.${VERSION}`
}

function userPrefix(user: string): string {
  // The escaped name contains no slash, so no prefix of a user is one of another user.
  return `${PREFIX}user.${encodeURIComponent(user)}/`
}

/**
 * Reads a stored value.
 *
 * @param parse returns undefined if the value does not have the expected form; it is ignored then
 */
export function readStored<Value>(
  storage: Storage,
  key: string,
  parse: (value: unknown) => Value | undefined,
): Value | undefined {
  try {
    const text = storage.getItem(key)
    return text === null ? undefined : parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Stores a value. A full or disabled storage is not an error: the value is lost with the page. */
export function writeStored(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value))
  } catch (error) {
    console.warn('cannot store', key, error)
  }
}

/** Removes what belongs to a user. */
export function forgetUser(storage: Storage, user: string): void {
  forget(storage, userPrefix(user))
}

/** Removes everything that the apps have stored. */
export function forgetAll(storage: Storage): void {
  forget(storage, PREFIX)
}

function forget(storage: Storage, prefix: string): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index))
  keys.filter((key) => key?.startsWith(prefix)).forEach((key) => storage.removeItem(key ?? ''))
}
