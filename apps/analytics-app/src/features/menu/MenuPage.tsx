import { PageTitle } from '@threefactor/shared'

import { menu as texts } from '../../texts/menu'
import { MenuEditor } from './MenuEditor'

/** Menu of the restaurant that is signed in. */
export function MenuPage({ restaurant }: { restaurant: number }) {
  return (
    <>
      <PageTitle title={texts.title} subtitle={texts.subtitle} />
      <MenuEditor restaurant={restaurant} canAdd />
    </>
  )
}
