import { appConfig } from '@threefactor/shared/vite'
import { defineConfig } from 'vite'

export default defineConfig(
  appConfig({
    name: 'Presto Dashboard',
    shortName: 'Presto Staff',
    description: 'Orders, work queues and availability for staff of Presto.',
    devPort: 5174,
    appPort: 3001,
  }),
)
