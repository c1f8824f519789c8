import { EmptyState } from '@threefactor/shared/ui'
import { Link } from 'wouter'

import { Loaded } from '../../common/Loaded'
import { useMetadata } from '../../engine/context'

/** In place of a trigger: the metadata is being read, could not be read, or contains no such trigger. */
export function NoTrigger({ label }: { label: string }) {
  const metadata = useMetadata()
  return (
    <Loaded query={metadata} label={label}>
      {() => (
        <EmptyState title="No such event trigger">
          <Link href="/events">All event triggers</Link>
        </EmptyState>
      )}
    </Loaded>
  )
}
