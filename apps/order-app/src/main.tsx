import { start } from '@threefactor/shared/start'

import { App } from './App'

void start(<App />)
