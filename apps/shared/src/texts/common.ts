/** Texts of the layout, states and messages of both apps. */
export const common = {
  skip: 'Skip to content',
  mainNavigation: 'Main',
  schemes: {
    auto: 'Colours: same as system. Switch to light',
    light: 'Colours: light. Switch to dark',
    dark: 'Colours: dark. Switch to the system’s',
  },
  cancel: 'Cancel',

  // Connection.
  connectionLost: 'Connection lost. Reconnecting… This page may be out of date.',
  connectionBack: 'Back online. Everything is up to date.',

  // States of a page.
  loading: 'Loading…',
  notLoaded: 'Could not load this page',
  tryAgain: 'Try again',
  broken: 'Something went wrong on this page',
  brokenHint:
    'Try again. If that does not help, reset the app: it signs you out and forgets what it has stored in this browser.',
  reset: 'Reset this app',
  noConfiguration: 'The app could not load its configuration',
  reload: 'Please reload.',

  // Subscriptions that failed.
  offline: 'You appear to be offline. Retrying…',
  unavailable: 'The service is temporarily unavailable. Retrying…',
  unreachable: 'Server unreachable. Retrying…',
}
