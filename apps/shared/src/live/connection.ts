/** What the person in front of the app should know about the socket. */
export type ConnectionState =
  /** Nothing has been asked for yet, or it is there. */
  | 'online'
  /** It was lost, and is being made again. */
  | 'offline'

type Listener = () => void

/** The state of the socket, for `useSyncExternalStore`. */
export class Connection {
  #state: ConnectionState = 'online'
  #listeners = new Set<Listener>()

  /** The state now. */
  get = (): ConnectionState => this.#state

  /** Calls back after each change; answers how to stop that. */
  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Notes a change. */
  set(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#listeners.forEach((listener) => listener())
  }
}
