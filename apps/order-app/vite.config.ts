import { appConfig } from '@threefactor/shared/vite'
import { defineConfig } from 'vite'

export default defineConfig(appConfig({ devPort: 5173, appPort: 3000 }))
