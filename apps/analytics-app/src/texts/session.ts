/** Texts of the page before sign-in. */
export const session = {
  title: 'Presto for staff',
  subtitle: 'For managers, restaurants and drivers',
  wrongRole: (username: string) => `“${username}” is a customer account. Sign in with a staff account.`,
  description: 'Demo: restaurant-1 to -6, driver-1 to -50, or manager. There is no password.',
  placeholder: 'manager',
  manager: 'Manager',
  restaurant: 'Casa Cura, a restaurant',
  driver: 'Ada, a driver',
}
