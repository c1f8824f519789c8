import { parseCart, type Cart } from './cart'

type Listener = () => void

/**
 * Cart of a customer in the storage of the browser, which all tabs share. Each change is applied to the stored cart and not to the
 * one that this tab has shown last, so that changes of two tabs are merged.
 */
export class CartStore {
  readonly #storage: Storage
  readonly #key: string
  readonly #tabs: EventTarget
  readonly #listeners = new Set<Listener>()
  /** Content that could not be stored: storage can be full or disabled. It is lost with the page. */
  #unsaved: { text: string | null } | undefined
  #text: string | null = null
  #cart: Cart | undefined

  /** @param tabs emits `storage` events for changes of other tabs, as a window */
  constructor(storage: Storage, key: string, tabs: EventTarget) {
    this.#storage = storage
    this.#key = key
    this.#tabs = tabs
  }

  /** Returns the cart; the same object until it changes. A stored value of another form is ignored. */
  get = (): Cart | undefined => {
    const text = this.#read()
    if (text !== this.#text) {
      this.#text = text
      this.#cart = parsed(text)
    }
    return this.#cart
  }

  /** Replaces the cart by the result of a function of it. */
  update(change: (cart: Cart | undefined) => Cart | undefined): void {
    const cart = change(this.get())
    this.#write(cart ? JSON.stringify(cart) : null)
    this.#listeners.forEach((listener) => listener())
  }

  /** Registers a listener for changes, also of other tabs; returns a function that removes it. */
  subscribe = (listener: Listener): (() => void) => {
    const follow = (event: Event) => {
      const { key } = event as StorageEvent
      // Null: the storage was cleared.
      if (key === this.#key || key === null) listener()
    }
    this.#listeners.add(listener)
    this.#tabs.addEventListener('storage', follow)
    return () => {
      this.#listeners.delete(listener)
      this.#tabs.removeEventListener('storage', follow)
    }
  }

  #read(): string | null {
    if (this.#unsaved) return this.#unsaved.text
    try {
      return this.#storage.getItem(this.#key)
    } catch {
      return null
    }
  }

  #write(text: string | null): void {
    try {
      if (text === null) this.#storage.removeItem(this.#key)
      else this.#storage.setItem(this.#key, text)
      this.#unsaved = undefined
    } catch (error) {
      console.warn('cannot store the cart:', error)
      this.#unsaved = { text }
    }
  }
}

function parsed(text: string | null): Cart | undefined {
  try {
    return text === null ? undefined : parseCart(JSON.parse(text))
  } catch {
    return undefined
  }
}
