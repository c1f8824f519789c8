import { money } from '@threefactor/shared'

import { menu as texts } from '../../texts/menu'
import { MAX_CENTS, centsOf, priceText } from './price'

/** Dish of a menu. */
export interface Dish {
  name: string
  price: number
  available: boolean
  category: string
  description: string
  picture: string | null
}

/** Texts of the form for a dish. */
export interface DishForm {
  name: string
  price: string
  category: string
  description: string
  /** Empty for the generic one. */
  picture: string
}

/** Values that a form stores. */
export interface DishValues {
  name: string
  price: number
  category: string
  description: string
  picture: string | null
}

/** Maximum lengths of the texts; the database has limits in bytes that are at least three times as high. */
export const MAX_LENGTHS = { name: 60, category: 30, description: 300 }

/** Returns the form of a dish, or an empty one. */
export function formOf(dish: Dish | undefined): DishForm {
  return {
    name: dish?.name ?? '',
    price: dish ? priceText(dish.price) : '',
    category: dish?.category ?? '',
    description: dish?.description ?? '',
    picture: dish?.picture ?? '',
  }
}

/** Returns what is wrong with a form, per field. */
export function problemsOf({ name, price, category }: DishForm): Partial<Record<keyof DishForm, string>> {
  const cents = centsOf(price)
  return {
    ...(name.trim() === '' && { name: texts.enterName }),
    ...(!cents && { price: texts.enterPrice }),
    ...(cents !== undefined && cents > MAX_CENTS && { price: texts.priceTooHigh(money(MAX_CENTS)) }),
    ...(category.trim() === '' && { category: texts.enterCategory }),
  }
}

/** Returns the values of a form without problems, or undefined. */
export function valuesOf(form: DishForm): DishValues | undefined {
  const price = centsOf(form.price)
  if (price === undefined || Object.keys(problemsOf(form)).length > 0) return undefined
  return {
    name: form.name.trim(),
    price,
    category: form.category.trim(),
    description: form.description.trim(),
    picture: form.picture === '' ? null : form.picture,
  }
}

/** Returns the dishes per category, in the order in which the menu has them first. */
export function byCategory(dishes: readonly Dish[]): [string, Dish[]][] {
  const groups = new Map<string, Dish[]>()
  for (const dish of dishes) groups.set(dish.category, [...(groups.get(dish.category) ?? []), dish])
  return [...groups]
}
