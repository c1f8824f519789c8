import { integerText } from './format'

/** Forms of a text that depends on a count. `#` stands for the count; languages use the forms that they have. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/**
 * Returns a function that selects the form for a count by the rules of the catalogue's language. Its second argument replaces the
 * formatted count, for example by `25+`.
 *
 * @param format formats the count; the default is the user's locale
 */
export function plural(
  forms: Forms,
  language = 'en',
  format: (count: number) => string = integerText,
): (count: number, text?: string) => string {
  const rules = new Intl.PluralRules(language)
  return (count, text = format(count)) => (forms[rules.select(count)] ?? forms.other).replace('#', text)
}
