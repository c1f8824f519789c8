/** Part of `window.history` that identifies its entries. */
export type Entries = Pick<History, 'state' | 'replaceState'>

/** Name of the key in the state of an entry, and of the stored positions. */
const KEY = '3factor.scroll'
/** Entries of which the position is known; more are more steps back than users take. */
const MAX_ENTRIES = 100

/**
 * Scroll positions of the entries of the browser's history. An entry is identified by a key in its state. The positions are in the
 * session storage and not in that state, because after Back or Forward the state of the entry that was left can no longer be written.
 */
export class ScrollPositions {
  readonly #history: Entries
  readonly #storage: Storage
  readonly #positions: Map<string, number>

  constructor(history: Entries, storage: Storage) {
    this.#history = history
    this.#storage = storage
    this.#positions = new Map(read(storage))
  }

  /** Returns the position of the current entry; 0 if it has none. */
  get(): number {
    return this.#positions.get(this.#key() ?? '') ?? 0
  }

  /** Records the position of the current entry. */
  set(position: number): void {
    const key = this.#key() ?? this.#assignKey()
    this.#positions.delete(key)
    this.#positions.set(key, position)
    const [oldest] = this.#positions.keys()
    if (this.#positions.size > MAX_ENTRIES && oldest !== undefined) this.#positions.delete(oldest)
  }

  /** Stores the positions for a reload. */
  store(): void {
    try {
      this.#storage.setItem(KEY, JSON.stringify([...this.#positions]))
    } catch (error) {
      console.warn('cannot store the scroll positions:', error)
    }
  }

  #key(): string | undefined {
    const state: unknown = this.#history.state
    const key: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, KEY) : undefined
    return typeof key === 'string' ? key : undefined
  }

  #assignKey(): string {
    const key = `${Date.now()}-${Math.random()}`
    const state: unknown = this.#history.state
    this.#history.replaceState({ ...(state as object | null), [KEY]: key }, '')
    return key
  }
}

function read(storage: Storage): [string, number][] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? '[]')
    const isEntry = (entry: unknown): entry is [string, number] =>
      Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number'
    return Array.isArray(stored) ? stored.filter(isEntry) : []
  } catch {
    return []
  }
}
