/** Texts of the menu editor. */
export const menu = {
  title: 'Menu',
  titleOf: (restaurant: string) => `Menu of ${restaurant}`,
  titleWithSoldOut: (soldOut: string, all: string) => `Menu: ${soldOut} of ${all} sold out`,
  subtitle: 'Changes are visible to customers at once',
  loading: 'Loading the menu',
  empty: 'The menu is empty',
  emptyHint: 'Customers see the dishes of this menu.',
  edit: 'Edit',
  editDish: (dish: string) => `Edit ${dish}`,
  newDish: 'New dish',
  addDish: 'Add dish',
  save: 'Save',

  // Fields.
  name: 'Name',
  price: 'Price in dollars',
  currency: '$',
  category: 'Category',
  description: 'Description (optional)',
  picture: 'Picture',
  plainPicture: 'Covered plate',

  // Messages.
  enterName: 'Enter a name.',
  enterPrice: 'Enter a price, such as 6.50.',
  priceTooHigh: (price: string) => `The price can be at most ${price}.`,
  enterCategory: 'Enter a category, such as Mains.',
  nameTaken: 'The menu already has a dish of this name.',
  notAdded: 'The dish could not be added',
  dishGone: 'This dish is no longer on the menu',
}
