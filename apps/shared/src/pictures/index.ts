export { DishPicture } from './DishPicture'
export { DISH_PICTURES, RESTAURANT_PICTURES, STATE_PICTURES, type StatePictureName } from './keys'
export { RestaurantPicture } from './RestaurantPicture'
export { StatePicture } from './StatePicture'
