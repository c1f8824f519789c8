/** Keys of the dishes in dishes.svg, except `dish`, which stands for all others. */
export const DISH_PICTURES = [
  'bread',
  'burger',
  'burrito',
  'churros',
  'curry',
  'dal',
  'dosa',
  'gyoza',
  'idli',
  'lasagne',
  'lassi',
  'lemonade',
  'mangoes',
  'milkshake',
  'mochi',
  'naan',
  'nachos',
  'pasta',
  'pizza',
  'quesadilla',
  'ramen',
  'risotto',
  'salad',
  'samosa',
  'soup',
  'sushi',
  'taco',
  'tea',
  'tiramisu',
  'udon',
] as const

/** Keys of the banners in restaurants.svg, except `restaurant`, which stands for all others. */
export const RESTAURANT_PICTURES = ['casa', 'indian', 'japanese', 'mexican', 'owl', 'trattoria'] as const

/** Keys of the pictures in states.svg. */
export const STATE_PICTURES = [
  'cancelled',
  'closed',
  'courier',
  'delivered',
  'empty-cart',
  'no-orders',
  'not-found',
  'offline',
] as const

export type StatePictureName = (typeof STATE_PICTURES)[number]

/** Returns the symbol of a key that may be missing or unknown. */
export function symbolOf(
  key: string | null | undefined,
  known: readonly string[],
  otherwise: string,
): string {
  return key != null && known.includes(key) ? key : otherwise
}
