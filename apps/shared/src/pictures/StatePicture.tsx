import type { StatePictureName } from './keys'
import { Picture } from './Picture'
import sprite from './states.svg?no-inline'

/** Square illustration of a state of a page or an order. */
export function StatePicture({
  name,
  className,
}: {
  name: StatePictureName
  className?: string | undefined
}) {
  return <Picture sprite={sprite} symbol={name} width={96} height={96} className={className} />
}
