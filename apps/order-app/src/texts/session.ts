/** Texts of the page before sign-in. */
export const session = {
  title: 'Dinner in real time',
  subtitle: 'Order, pay and follow every step as it happens.',
  live: 'Live updates and a map for every order',
  cards: 'Demo cards: you are never charged',
  drivers: 'Six kitchens and fifty drivers',
  wrongRole: (username: string) => `“${username}” is a staff account. Sign in to the dashboard with it.`,
  description: 'Demo: choose any name, there is no password.',
  placeholder: 'alice',
}
