import {
  Citrus,
  CookingPot,
  CupSoda,
  Hamburger,
  Pizza,
  Soup,
  UtensilsCrossed,
  type LucideIcon,
} from 'lucide-react'

/** Icon of a dish, and hue of its background in degrees. */
export interface DishAppearance {
  Icon: LucideIcon
  hue: number
}

const APPEARANCES: [RegExp, DishAppearance][] = [
  [/pizza/i, { Icon: Pizza, hue: 18 }],
  [/mango|fruit/i, { Icon: Citrus, hue: 42 }],
  [/shake|drink|juice/i, { Icon: CupSoda, hue: 268 }],
  [/burger/i, { Icon: Hamburger, hue: 32 }],
  [/idli|soup/i, { Icon: Soup, hue: 150 }],
  [/risotto|rice/i, { Icon: CookingPot, hue: 200 }],
]

/** Returns the appearance of a dish, with a default for dishes added to the menu later. */
export function dishAppearance(name: string): DishAppearance {
  return APPEARANCES.find(([pattern]) => pattern.test(name))?.[1] ?? { Icon: UtensilsCrossed, hue: 340 }
}
