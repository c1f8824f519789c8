import { appConfig } from '@threefactor/shared/vite'
import { defineConfig } from 'vite'

export default defineConfig(appConfig({ devPort: 5174, appPort: 3001 }))
