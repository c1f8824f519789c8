import { EmptyState, PageTitle, StatePicture } from '@threefactor/shared'
import { Link } from 'wouter'
import { common } from '../texts/common'

/** Page for an address without content. */
export function NotFoundPage({
  back,
}: {
  /** Label of the link to the first page of the role. */
  back: string
}) {
  return (
    <>
      <PageTitle title={common.pageNotFound} />
      <EmptyState picture={<StatePicture name="not-found" />} title={common.noSuchPage}>
        <Link href="/">{back}</Link>
      </EmptyState>
    </>
  )
}
