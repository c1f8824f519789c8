/** Returns the first character of a name as a user perceives it, in upper case: an emoji or an accented letter stays whole. */
export function initial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return first?.segment.toLocaleUpperCase() ?? '?'
}
