import { EmptyState, PageTitle, StatePicture } from '@threefactor/shared'
import { Link } from 'wouter'

/** Page for an address without content. */
export function NotFoundPage() {
  return (
    <>
      <PageTitle title="Page not found" />
      <EmptyState picture={<StatePicture name="not-found" />} title="This page does not exist">
        <Link href="/">Back to the overview</Link>
      </EmptyState>
    </>
  )
}
