import { EmptyState, PageTitle } from '@threefactor/shared/ui'
import { Link } from 'wouter'

/** Page of an unknown address. */
export function NotFoundPage() {
  return (
    <>
      <PageTitle title="Page not found" />
      <EmptyState title="The console has no page at this address">
        <Link href="/api">Go to the API page</Link>
      </EmptyState>
    </>
  )
}
