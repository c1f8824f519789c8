/** Texts of sign-in and sign-out. */
export const session = {
  signIn: 'Sign in',
  username: 'Username',
  continue: 'Continue',
  demoAccounts: 'Demo accounts',
  orContinueAs: 'Or continue as',
  enterName: 'Enter a name.',
  signOut: 'Sign out',
  signOutUser: (user: string) => `Sign out ${user}`,
  signedOut: 'Signed out',
  reasons: {
    expired: 'Your session has expired. Please sign in again.',
    rejected: 'Your session is no longer valid. Please sign in again.',
  },

  // Login by name.
  refusals: {
    invalid_value:
      'Use lowercase letters, digits, dots, underscores and hyphens; start with a letter or digit; at most 64 characters.',
    account_not_found: 'This name is reserved for staff, and there is no such account.',
    demo_login_disabled: 'Signing in by name is not available here. Use your organisation’s sign-in page.',
  } as Record<string, string>,
  offline: 'You appear to be offline. Please try again.',
  failed: 'You could not be signed in. Please try again.',

  // Sign-in at an identity provider.
  notSignedIn: 'You are not signed in',
  providerHint: 'You sign in with your account at the identity provider.',
  toProvider: 'Continue to sign in',
  providerRefused: 'The identity provider has refused the sign-in. Please try again.',
  providerOffline: 'The identity provider cannot be reached. Please try again.',
  stale: 'This sign-in was started in another tab or is no longer valid. Please try again.',
  withoutRole: 'Your account has no role in this application. Ask an administrator to add one.',
}
