/** Connection state that the apps show. */
export type ConnectionState =
  /** Connected, or not needed yet. */
  | 'online'
  /** Lost; the client is reconnecting. */
  | 'offline'

type Listener = () => void

/** Observable state of the socket, for `useSyncExternalStore`. */
export class Connection {
  #state: ConnectionState = 'online'
  #listeners = new Set<Listener>()

  get = (): ConnectionState => this.#state

  /** Registers a listener for changes; returns a function that removes it. */
  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#listeners.forEach((listener) => listener())
  }
}
