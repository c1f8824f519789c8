import sprite from './dishes.svg?no-inline'
import { DISH_PICTURES, symbolOf } from './keys'
import { Picture } from './Picture'

/** Square illustration of a dish: a covered plate if the key is missing or unknown. */
export function DishPicture({
  picture,
  className,
}: {
  picture: string | null | undefined
  className?: string | undefined
}) {
  const symbol = symbolOf(picture, DISH_PICTURES, 'dish')
  return <Picture sprite={sprite} symbol={symbol} width={96} height={96} className={className} />
}
