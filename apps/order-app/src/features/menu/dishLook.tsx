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

/** How a dish is drawn: an icon and the hue of what is behind it, in degrees. */
export interface DishLook {
  Icon: LucideIcon
  hue: number
}

const LOOKS: [RegExp, DishLook][] = [
  [/pizza/i, { Icon: Pizza, hue: 18 }],
  [/mango|fruit/i, { Icon: Citrus, hue: 42 }],
  [/shake|drink|juice/i, { Icon: CupSoda, hue: 268 }],
  [/burger/i, { Icon: Hamburger, hue: 32 }],
  [/idli|soup/i, { Icon: Soup, hue: 150 }],
  [/risotto|rice/i, { Icon: CookingPot, hue: 200 }],
]

/** Something for each dish, also for those that somebody adds to the menu. */
export function dishLook(name: string): DishLook {
  return LOOKS.find(([pattern]) => pattern.test(name))?.[1] ?? { Icon: UtensilsCrossed, hue: 340 }
}
