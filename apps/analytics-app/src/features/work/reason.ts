/** Maximum length of the details; the database limits the whole reason to 1000 bytes. */
export const MAX_DETAILS = 200

/** Returns the reason that the customer sees, or undefined if there is neither a choice nor a text. */
export function reasonText(choice: string | undefined, details: string): string | undefined {
  const text = details.trim().replaceAll(/\s+/g, ' ')
  if (choice === undefined) return text === '' ? undefined : text
  return text === '' ? choice : `${choice}: ${text}`
}
