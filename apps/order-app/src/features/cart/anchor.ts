/** Id of the cart on the page of its restaurant, and the fragment of the address that leads to it. */
export const CART_ANCHOR = 'cart'
