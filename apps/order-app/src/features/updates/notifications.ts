import { readStored, userKey, writeStored } from '@threefactor/shared'

/** Whether the user gets notifications: `blocked` by the browser's settings, `unsupported` by the browser. */
export type NotificationState = 'on' | 'off' | 'blocked' | 'unsupported'

function key(user: string): string {
  return userKey(user, 'notifications')
}

/** Returns whether this user has asked for notifications and the browser permits them. */
export function notificationState(user: string): NotificationState {
  if (!('Notification' in window)) return 'unsupported'
  if (Notification.permission === 'denied') return 'blocked'
  const wanted = readStored(window.localStorage, key(user), (value) => (value === true ? true : undefined))
  return wanted && Notification.permission === 'granted' ? 'on' : 'off'
}

/** Turns notifications on, which asks for the permission; only after a click, because browsers refuse it otherwise. */
export async function turnOn(user: string): Promise<NotificationState> {
  await Notification.requestPermission()
  writeStored(window.localStorage, key(user), true)
  return notificationState(user)
}

/** Turns notifications off; the permission of the browser remains. */
export function turnOff(user: string): NotificationState {
  writeStored(window.localStorage, key(user), false)
  return notificationState(user)
}

/**
 * Shows a notification. One with the same tag is replaced, also that of another tab.
 *
 * @param onOpen called when the user clicks it; the window has the focus then
 */
export function notify(title: string, body: string, tag: string, onOpen: () => void): void {
  try {
    const notification = new Notification(title, { body, tag, icon: '/icon-512.png' })
    notification.addEventListener('click', () => {
      window.focus()
      onOpen()
      notification.close()
    })
  } catch (error) {
    // Some phones permit notifications from service workers only.
    console.warn('cannot show a notification:', error)
  }
}
