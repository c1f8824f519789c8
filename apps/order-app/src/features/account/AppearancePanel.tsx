import { useMantineColorScheme } from '@mantine/core'
import { Panel, RadioCard } from '@threefactor/shared'

import { account as texts } from '../../texts/account'
import classes from './AccountPage.module.css'

const SCHEMES = ['auto', 'light', 'dark'] as const

/** Colours of the app; the switch of the page layout changes the same choice. */
export function AppearancePanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Panel title={texts.appearance}>
      <div className={classes.schemes} role="radiogroup" aria-label={texts.appearance}>
        {SCHEMES.map((scheme) => (
          <RadioCard
            key={scheme}
            name="scheme"
            checked={colorScheme === scheme}
            onChange={() => setColorScheme(scheme)}
          >
            {texts.schemes[scheme]}
          </RadioCard>
        ))}
      </div>
    </Panel>
  )
}
