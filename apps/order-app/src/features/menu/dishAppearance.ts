/** Pictures of dishes; see DishPicture. */
export type Picture = 'pizza' | 'mangoes' | 'milkshake' | 'burger' | 'idli' | 'risotto' | 'dish'

/** Picture of a dish, and hue of its background in degrees. */
export interface DishAppearance {
  picture: Picture
  hue: number
}

const APPEARANCES: [RegExp, DishAppearance][] = [
  [/pizza/i, { picture: 'pizza', hue: 18 }],
  [/mango|fruit/i, { picture: 'mangoes', hue: 150 }],
  [/shake|drink|juice/i, { picture: 'milkshake', hue: 268 }],
  [/burger/i, { picture: 'burger', hue: 42 }],
  [/idli|soup/i, { picture: 'idli', hue: 120 }],
  [/risotto|rice/i, { picture: 'risotto', hue: 200 }],
]

/** Returns the appearance of a dish, with a default for dishes added to the menu later. */
export function dishAppearance(name: string): DishAppearance {
  return APPEARANCES.find(([pattern]) => pattern.test(name))?.[1] ?? { picture: 'dish', hue: 340 }
}
