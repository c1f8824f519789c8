import { ErrorState, LoadingState } from '@threefactor/shared'
import { Suspense, lazy, type ComponentType } from 'react'

import { common } from '../texts/common'

/** Page whose code is loaded when it is first shown. */
export interface LazyPage<Props> {
  Page: ComponentType<Props>
  /** Starts loading the code, so that the page opens at once. */
  preload: () => void
}

/**
 * Returns a page whose code is loaded on demand. If that fails, because the network is lost or a new version of the app has replaced
 * the file, the page offers to reload, which also loads the new version.
 *
 * @param rows height of the placeholder
 */
export function lazyPage<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  rows: number,
): LazyPage<Props> {
  const Content = lazy(async () => {
    const loaded: ComponentType<Props> = await load().catch((error: unknown) => {
      console.warn('cannot load the code of a page:', error)
      return NotLoaded
    })
    return { default: loaded }
  })
  function Page(props: Props) {
    return (
      <Suspense fallback={<LoadingState rows={rows} label={common.loading} />}>
        <Content {...props} />
      </Suspense>
    )
  }
  return { Page, preload: () => void load().catch(() => undefined) }
}

function NotLoaded() {
  return (
    <ErrorState
      title={common.pageNotLoaded}
      message={common.checkConnection}
      onRetry={() => window.location.reload()}
    />
  )
}
