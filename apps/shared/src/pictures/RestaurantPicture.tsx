import { RESTAURANT_PICTURES, symbolOf } from './keys'
import { Picture } from './Picture'
import sprite from './restaurants.svg?no-inline'

/** Banner of a restaurant, cut to the shape of its box: any restaurant if the key is missing or unknown. */
export function RestaurantPicture({
  picture,
  className,
}: {
  picture: string | null | undefined
  className?: string | undefined
}) {
  const symbol = symbolOf(picture, RESTAURANT_PICTURES, 'restaurant')
  return <Picture sprite={sprite} symbol={symbol} width={320} height={120} cut className={className} />
}
