/** Interval of the measurements in milliseconds. */
export const REFRESH_MS = 2000
