import { PageTitle } from '@threefactor/shared'

import { MenuEditor } from './MenuEditor'

/** Menu of the restaurant that is signed in. */
export function MenuPage({ restaurant }: { restaurant: number }) {
  return (
    <>
      <PageTitle title="Menu" subtitle="Changes are visible to customers at once" />
      <MenuEditor restaurant={restaurant} canAdd />
    </>
  )
}
