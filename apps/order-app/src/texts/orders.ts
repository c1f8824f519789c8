/** Texts of the list of orders. */
export const orders = {
  title: 'Your orders',
  loading: 'Loading your orders',
  none: 'No orders yet',
  noneHint: 'Let’s fix that.',
  search: 'Search your orders',
  searchPlaceholder: 'Dish, restaurant or number',
  filter: 'Filter by status',
  all: 'All',
  noneWithStatus: 'No orders with this status',
  noMatch: (search: string) => `No orders match “${search}”`,
  showAll: 'Show all orders',
  newest: (count: string) => `Showing your ${count} newest orders.`,
  list: 'Orders, those in progress first',
  inProgress: 'In progress',
  noItems: 'No items',
  quantity: (quantity: string, dish: string) => `${quantity} × ${dish}`,
}
