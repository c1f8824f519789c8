import { PageTitle, Shell } from '@threefactor/shared'
import { Pizza } from 'lucide-react'

/** The customer's app. */
export function App() {
  return (
    <Shell name="Presto" logo={<Pizza size={20} />} nav={[]}>
      <PageTitle title="Menu" />
    </Shell>
  )
}
