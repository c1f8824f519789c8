import { useLive } from '@threefactor/shared'

import { TrackingDocument } from '../../gql/graphql'
import type { Tracking } from './tracking'

/** Returns where an order is, live; undefined until it is known. */
export function useTracking(id: string, isTracked: boolean): Tracking | undefined {
  const { data } = useLive(TrackingDocument, { id }, { pause: !isTracked })
  return data?.order_tracking[0]
}
