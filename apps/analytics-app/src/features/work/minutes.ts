/** Minutes that a restaurant chooses from. */
const MINUTES = [5, 10, 15, 20, 25, 30, 40, 50, 60, 90]

/** Returns the minutes to choose from, in ascending order, with the present ones. */
export function minuteChoices(present: number): number[] {
  return [...new Set([...MINUTES, present])].sort((a, b) => a - b)
}
