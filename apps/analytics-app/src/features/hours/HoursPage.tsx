import { EmptyState, ErrorState, LoadingState, PageTitle, staffMessage, useLive } from '@threefactor/shared'
import { Store } from 'lucide-react'

import { OpeningHoursDocument } from '../../gql/graphql'
import { common } from '../../texts/common'
import { hours as texts } from '../../texts/hours'
import { weekOf } from './hours'
import { HoursEditor } from './HoursEditor'
import { ownZone } from './zones'

/** Opening hours of the restaurant that is signed in. */
export function HoursPage({ restaurant }: { restaurant: number }) {
  const { data, loading, error, retry } = useLive(OpeningHoursDocument, { restaurant })
  const own = data?.restaurants_by_pk
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      {loading && <LoadingState rows={7} label={texts.loading} />}
      {error && !data && <ErrorState message={staffMessage(error)} onRetry={retry} />}
      {data && !own && <EmptyState icon={<Store size={28} />} title={common.noSuchRestaurant} />}
      {own && (
        <HoursEditor
          restaurant={own.id}
          week={weekOf(own.opening_hours)}
          // Before hours are set, the stored zone has no meaning.
          zone={own.opening_hours.length > 0 ? own.time_zone : ownZone()}
        />
      )}
    </>
  )
}
