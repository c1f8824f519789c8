import { PageTitle } from '@threefactor/shared/ui'

import table from '../../common/table.module.css'
import { CollectionsPanel } from '../collections/CollectionsPanel'
import { ApiLimitsPanel } from './ApiLimitsPanel'
import { InheritedRolesPanel } from './InheritedRolesPanel'
import { InconsistencyPanel } from './InconsistencyPanel'
import { MetadataPanel } from './MetadataPanel'
import { NamingPanel } from './NamingPanel'
import { VersionPanel } from './VersionPanel'

/** Metadata as a whole, limits and versions. */
export default function SettingsPage() {
  return (
    <>
      <PageTitle title="Settings" />
      <div className={table.stack}>
        <InconsistencyPanel />
        <MetadataPanel />
        <NamingPanel />
        <InheritedRolesPanel />
        <CollectionsPanel />
        <ApiLimitsPanel />
        <VersionPanel />
      </div>
    </>
  )
}
