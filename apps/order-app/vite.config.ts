import { appConfig } from '@threefactor/shared/vite'
import { defineConfig } from 'vite'

export default defineConfig(
  appConfig({
    name: 'Presto',
    shortName: 'Presto',
    description: 'Order dinner, pay, and follow each step live.',
    devPort: 5173,
    appPort: 3000,
  }),
)
