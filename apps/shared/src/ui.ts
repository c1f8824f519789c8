// Parts that need no backend of the apps: layout, states, formats.

export { Shell, type NavEntry } from './layout/Shell'
export { PageTitle } from './layout/PageTitle'
export { Panel } from './layout/Panel'
export { ConfirmDialog, Dialog } from './layout/Dialog'
export { EmptyState, ErrorState, LoadingState } from './states/States'
export { ErrorBoundary } from './states/ErrorBoundary'
export { Notice } from './states/Notice'
export { integerText } from './display/format'
export { clockTime, duration } from './display/time'
export { useNow } from './display/useNow'
export { theme } from './theme'
