// The admin secret, in the session storage of the tab: it is gone when the tab is closed.

const KEY = 'admin-secret'

export function readSecret(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined
}

export function storeSecret(secret: string): void {
  sessionStorage.setItem(KEY, secret)
}

export function forgetSecret(): void {
  sessionStorage.removeItem(KEY)
}
