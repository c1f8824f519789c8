export { WHOLE_CITY, viewOf, type Point, type View } from './camera'
export { CityMap, type Way } from './CityMap'
