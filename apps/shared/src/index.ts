export {
  useAccount,
  useConfig,
  useConnection,
  useSession,
  useSessionState,
  useSessionStore,
  useToken,
} from './live/context'
export { authorization } from './live/client'
export type { Account, Role } from './session/account'
export { SignInForm, type DemoAccount } from './session/SignInForm'
export { UserMenu } from './session/UserMenu'
export { useSignOut } from './session/useSignOut'
export { traceAddress } from './config'
export type { Config } from './config'
export { useLive, type LiveResult } from './live/useLive'
export { ConnectionBanner } from './live/ConnectionBanner'
export { Shell, type NavEntry } from './layout/Shell'
export { BackLink } from './layout/BackLink'
export { PageTitle } from './layout/PageTitle'
export { setPageIcon, setTitleNotice } from './layout/pageState'
export { Panel } from './layout/Panel'
export { ConfirmDialog, Dialog } from './layout/Dialog'
export { RadioCard } from './layout/RadioCard'
export { cappedText, integerText, kilometresText, minutesText, money, percent } from './display/format'
export { plural } from './display/plural'
export { useNow } from './display/useNow'
export { clockTime, dayName, duration, isToday, minuteTime, shortTime, weekTime } from './display/time'
export {
  ALL_STATUSES,
  CLOSED_STATUSES,
  STATUSES,
  isClosed,
  isStatus,
  statusStyle,
  type AnyStatus,
  type ClosedStatus,
  type Status,
} from './display/status'
export { StatusBadge } from './display/StatusBadge'
export { EmptyState, ErrorState, LoadingState } from './states/States'
export { ErrorBoundary } from './states/ErrorBoundary'
export { customerMessage, staffMessage } from './states/messages'
export { Notice } from './states/Notice'
export { Problem } from './states/Problem'
export { readStored, userKey, writeStored } from './storage'
export { newOrderId } from './orderId'
export { logIn } from './session/logIn'
export { orderIdFromPath, orderPath } from './orderPaths'
export {
  DISH_PICTURES,
  DishPicture,
  RESTAURANT_PICTURES,
  RestaurantPicture,
  STATE_PICTURES,
  StatePicture,
  type StatePictureName,
} from './pictures'
