import { PageTitle, Shell } from '@threefactor/shared'
import { ChartLine } from 'lucide-react'

/** The admin dashboard. */
export function App() {
  return (
    <Shell name="Presto Dashboard" logo={<ChartLine size={20} />} nav={[]}>
      <PageTitle title="Dashboard" />
    </Shell>
  )
}
