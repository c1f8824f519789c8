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
export type { Config } from './config'
export { useLive, type LiveResult } from './live/useLive'
export { Shell, type NavEntry } from './layout/Shell'
export { PageTitle } from './layout/PageTitle'
export { Panel } from './layout/Panel'
export { counted, integerText, money, percent } from './display/format'
export { clockTime, duration } from './display/time'
export { STATUSES, isStatus, statusStyle, type Status } from './display/status'
export { StatusBadge } from './display/StatusBadge'
export { EmptyState, ErrorState, LoadingState } from './states/States'
export { ErrorBoundary } from './states/ErrorBoundary'
export { customerMessage, staffMessage } from './states/messages'
export { Notice } from './states/Notice'
